using System.Diagnostics;
using Postern.Policies.Runtime;

namespace Postern.Policies.Expressions;

/// <summary>The one <see cref="IContext"/> of a pooled request: looks through to it, copies nothing until asked.</summary>
internal sealed class ExpressionContext : IContext, IBackend
{
    private readonly PolicyContext _context;
    private readonly RequestView _request;
    private readonly ResponseView _response;

    public ExpressionContext(PolicyContext context)
    {
        _context = context;
        _request = new RequestView(context.Request, context);
        _response = new ResponseView(context.Response);
    }

    public IApi? Api => _context.Api;

    public IBackend? Backend => _context.Request.Backend.BackendId is null ? null : _context.Request.Entity ?? this;

    public IDeployment Deployment => _context.Deployment;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_context.StartTicks);

    public ILastError? LastError => _context.LastError is { } error ? new LastErrorView(error) : null;

    public IOperation? Operation => _context.Operation;

    public IProduct? Product => _context.Product;

    public IRequest Request => _request;

    public IResponse? Response => _context.Response.Exists ? _response : null;

    public Guid RequestId => _context.RequestId;

    public ISubscription? Subscription => _context.Subscription;

    public DateTime Timestamp => _context.Timestamp.UtcDateTime;

    public bool Tracing => _context.Tracing;

    public IUser? User => _context.User;

    public IReadOnlyDictionary<string, object?> Variables => _context.Variables;

    public IWorkspace? Workspace => null;

    string IBackend.AzureRegion => "";

    string IBackend.Id => _context.Request.Backend.BackendId ?? "";

    BackendType IBackend.Type => BackendType.Single;

    public void Trace(string message) => _context.Services.Trace(_context, "expression", message ?? "");
}

internal sealed record LastErrorView(PolicyError Error) : ILastError
{
    public string Source => Error.Source;

    public string? Reason => Error.Reason;

    public string Message => Error.Message;

    public string? Scope => Error.Scope;

    public string? Section => Error.Section;

    public string? Path => Error.Path;

    public string? PolicyId => Error.PolicyId;
}

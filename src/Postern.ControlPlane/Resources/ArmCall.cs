using Microsoft.AspNetCore.Http;
using Postern.ControlPlane.Access;

namespace Postern.ControlPlane.Resources;

/// <summary>One management call: who asks what of which path.</summary>
/// <param name="Path">Normalised and decoded.</param>
/// <param name="Caller">Authenticated.</param>
internal sealed record ArmCall(HttpRequest Request, ArmPath Path, ArmQuery Query, Principal Caller)
{
    /// <summary>Upper case.</summary>
    public string Method => Request.Method;

    /// <summary>Origin that the caller used, without a slash at the end: what nextLink and Location begin with.</summary>
    public string Origin => $"{Request.Scheme}://{Request.Host}";

    public IfMatch IfMatch => IfMatch.From(Request.Headers.IfMatch);

    private ArmBody? Body { get; init; }

    /// <summary>The JSON object of the body, null when there is none, or why it can't be read.</summary>
    public ValueTask<ArmBody> ReadBodyAsync(CancellationToken cancellation) => Body is { } read ? new(read) : ArmBody.ReadAsync(Request, cancellation);

    /// <summary>The same call with everything of the request read and copied, for work that may go on when the request is answered.</summary>
    /// <returns>Null with the refusal when the body can't be read.</returns>
    public async ValueTask<(ArmCall? Call, ArmError? Unreadable)> DetachAsync(CancellationToken cancellation)
    {
        var body = await ReadBodyAsync(cancellation);
        if (body.Error is { } error)
        {
            return (null, error);
        }

        var copy = new DefaultHttpContext().Request;
        (copy.Method, copy.Scheme, copy.Host, copy.Path, copy.QueryString) = (Request.Method, Request.Scheme, Request.Host, Request.Path, Request.QueryString);
        foreach (var name in (string[])["If-Match", "If-None-Match"])
        {
            copy.Headers[name] = Request.Headers[name];
        }

        return (this with { Request = copy, Query = new(copy.Query), Body = body }, null);
    }
}

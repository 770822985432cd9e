using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Tracing;

/// <summary>How a request and its response stand between two policies, so that a trace can tell what a policy did.</summary>
internal sealed class MessageState
{
    private const int LongestValue = 1024;

    private readonly string _method;
    private readonly BackendTarget _backend;
    private readonly List<KeyValuePair<string, StringValues>> _request;
    private readonly List<KeyValuePair<string, StringValues>> _response;
    private readonly (MessageBodyState State, ReadOnlyMemory<byte> Bytes) _requestBody;
    private readonly (MessageBodyState State, ReadOnlyMemory<byte> Bytes) _responseBody;
    private readonly int _status;
    private readonly string? _reason;
    private readonly List<KeyValuePair<string, object?>> _variables;

    private MessageState(PolicyContext context)
    {
        _method = context.Request.Method;
        _backend = context.Request.Backend;
        _request = [.. context.Request.Headers];
        _response = [.. context.Response.Headers];
        _requestBody = (context.Request.Body.State, context.Request.Body.Bytes);
        _responseBody = (context.Response.Body.State, context.Response.Body.Bytes);
        _status = context.Response.StatusCode;
        _reason = context.Response.Reason;
        _variables = [.. context.Variables];
    }

    /// <returns>Null while branches of <c>wait</c> change the same messages at the same time: nobody could tell who did what.</returns>
    public static MessageState? Of(PolicyContext context) => context.Variables.Shared ? null : new(context);

    /// <summary>What is different now, in words.</summary>
    /// <param name="hidesVariables">What the policy put into variables is a credential.</param>
    public List<string> ChangesTo(PolicyContext context, TraceMask mask, bool hidesVariables)
    {
        var changes = new List<string>();
        if (context.Request.Method != _method)
        {
            changes.Add($"Request method was set to '{context.Request.Method}'");
        }

        var backend = context.Request.Backend;
        if (backend.BackendId != _backend.BackendId && backend.BackendId is { } id)
        {
            changes.Add($"Backend was set to '{id}'");
        }
        else if (backend.Base != _backend.Base && backend.Base is { } address)
        {
            changes.Add($"Backend service URL was set to '{address.GetLeftPart(UriPartial.Path)}'");
        }

        if (backend.Path != _backend.Path || backend.Query != _backend.Query)
        {
            changes.Add($"Path and query to the backend were set to '{backend.Path}{mask.Query(backend.Query)}'");
        }

        Headers(changes, "Request", _request, context.Request.Headers, mask);
        Body(changes, "Request", _requestBody, context.Request.Body);
        if (context.Response.StatusCode != _status)
        {
            changes.Add(string.Create(CultureInfo.InvariantCulture, $"Response status code was set to {context.Response.StatusCode}"));
        }

        if (context.Response.Reason != _reason && context.Response.Reason is { } reason)
        {
            changes.Add($"Response status reason was set to '{reason}'");
        }

        Headers(changes, "Response", _response, context.Response.Headers, mask);
        Body(changes, "Response", _responseBody, context.Response.Body);
        foreach (var (name, value) in context.Variables)
        {
            if (!_variables.Any(before => before.Key == name && Equals(before.Value, value)))
            {
                if (hidesVariables)
                {
                    mask.Learn(value?.ToString());
                }

                changes.Add($"Variable '{name}' was set to {Shown(value)}");
            }
        }

        return changes;
    }

    private static void Headers(List<string> changes, string message, List<KeyValuePair<string, StringValues>> before, IHeaderDictionary now, TraceMask mask)
    {
        foreach (var (name, values) in now)
        {
            if (!before.Any(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase) && header.Value == values))
            {
                changes.Add($"{message} header '{name}' was set to '{Cut(mask.Header(name, values))}'");
            }
        }

        foreach (var (name, _) in before.Where(header => !now.ContainsKey(header.Key)))
        {
            changes.Add($"{message} header '{name}' was removed");
        }
    }

    private static void Body(List<string> changes, string message, (MessageBodyState State, ReadOnlyMemory<byte> Bytes) before, MessageBody now)
    {
        if (now.State == MessageBodyState.Buffered && (before.State != MessageBodyState.Buffered || !before.Bytes.Equals(now.Bytes)))
        {
            changes.Add(now.Changed
                ? string.Create(CultureInfo.InvariantCulture, $"{message} body was set; it has {now.Bytes.Length} bytes")
                : string.Create(CultureInfo.InvariantCulture, $"{message} body was read; it has {now.Bytes.Length} bytes"));
        }
    }

    /// <summary>Texts and numbers; other things by their kind only.</summary>
    private static string Shown(object? value) => value switch
    {
        null => "null",
        string text => $"'{Cut(text)}'",
        IFormattable number when value.GetType().IsPrimitive || value is decimal or DateTime or DateTimeOffset or TimeSpan or Guid => number.ToString(null, CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        _ => $"a value of type {value.GetType().Name}",
    };

    private static string Cut(string text) => text.Length <= LongestValue ? text : text[..LongestValue] + "…";
}

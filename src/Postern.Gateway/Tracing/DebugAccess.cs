using System.Globalization;
using Microsoft.Extensions.Primitives;
using Postern.Snapshots;

namespace Postern.Gateway.Tracing;

/// <summary>
/// Begins a trace when the caller has a good debug token for the API, and tells the caller in a header what came of the token. A bad token
/// changes nothing else of the request: it asks for a trace, not for access.
/// </summary>
internal static class DebugAccess
{
    public const string TraceId = "Apim-Trace-Id";
    public const string Expired = "Apim-Debug-Authorization-Expired";
    public const string WrongApi = "Apim-Debug-Authorization-WrongAPI";

    /// <summary>Ours: the product documents no header for tokens that are malformed or not signed with the current key.</summary>
    public const string Invalid = "Apim-Debug-Authorization-Invalid";

    /// <summary>One look for a header; all that requests without a token pay.</summary>
    public static void Check(GatewayExchange exchange)
    {
        if (exchange.Context.Request.Headers.TryGetValue(DebugToken.Header, out var given))
        {
            Judge(exchange, given);
        }
    }

    private static void Judge(GatewayExchange exchange, StringValues given)
    {
        // It is for this gateway: a backend could use it.
        exchange.Context.Request.Headers.Remove(DebugToken.Header);
        var (name, value) = Verdict(exchange, given.Count == 1 ? given[0] ?? "" : "");
        (exchange.Context.ResponseStamps ??= []).Add(new(name, value));
        if (name == TraceId)
        {
            exchange.BeginTrace(value);
        }
    }

    private static (string Header, string Value) Verdict(GatewayExchange exchange, string text)
    {
        if (exchange.State.Debug.SigningKey is not { } key || DebugToken.Parse(text) is not { } token || !token.IsSignedWith(key))
        {
            return (Invalid, "The debug token is not valid: get a new one.");
        }

        if (token.Expiry <= exchange.Time.GetUtcNow())
        {
            return (Expired, token.Expiry.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        }

        return IsFor(token.ApiId, exchange)
            ? (TraceId, exchange.Context.RequestId.ToString("N"))
            : (WrongApi, $"The debug token is for API '{Uri.EscapeDataString(token.ApiId)}', the request is not.");
    }

    private static bool IsFor(string apiId, GatewayExchange exchange) =>
        exchange.Api is { } api
        && (apiId.Equals(api.Id, StringComparison.OrdinalIgnoreCase) || apiId.Equals($"{api.Id};rev={api.Revision}", StringComparison.OrdinalIgnoreCase));
}

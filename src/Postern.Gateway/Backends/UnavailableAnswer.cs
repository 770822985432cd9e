using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Postern.Gateway.Backends;

/// <summary>
/// What stands for a backend's answer while its circuit is open. It is an answer and no failure, because published policies look at
/// <c>context.Response.StatusCode == 503</c> around forward-request to try again.
/// </summary>
internal static class UnavailableAnswer
{
    private const int Default = 503;

    private static readonly byte[] DefaultBody = Body(Default);

    /// <param name="status">Null for 503.</param>
    /// <param name="seconds">For <c>Retry-After</c>.</param>
    public static void Put(GatewayExchange exchange, string backendId, int? status, int seconds)
    {
        exchange.BackendResponse?.Dispose();
        exchange.BackendResponse = null;
        var response = exchange.Context.Response;
        response.StatusCode = status ?? Default;
        response.Reason = ReasonPhrases.GetReasonPhrase(response.StatusCode);
        response.Headers.Clear();
        response.Headers.ContentType = "application/json";
        response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        response.Body.SetBytes(status is null or Default ? DefaultBody : Body(status.Value));
        response.Exists = true;
        if (exchange.Context.Tracing)
        {
            exchange.Trace(exchange.Context, "forward-request", $"Backend '{backendId}' is not called for {seconds} s: its circuit breaker is open.");
        }
    }

    private static byte[] Body(int status) => Encoding.UTF8.GetBytes($"{{ \"statusCode\": {status}, \"message\": \"{ReasonPhrases.GetReasonPhrase(status)}\" }}");
}

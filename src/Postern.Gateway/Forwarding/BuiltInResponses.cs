using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Postern.Gateway.State;
using Postern.Gateway.Telemetry;

namespace Postern.Gateway.Forwarding;

/// <summary>Answers that are made without policies: no configuration yet, or a defect. Their shape is that of all built-in errors.</summary>
internal static class BuiltInResponses
{
    public static Task SendUnavailableAsync(GatewayExchange exchange, string reason)
    {
        exchange.Response.Headers.RetryAfter = "10";
        return SendAsync(exchange, 503, $"{{ \"statusCode\": 503, \"message\": {Quote(reason)} }}");
    }

    /// <summary>Ends an exchange that threw: an error response, or an abort when the response has begun.</summary>
    public static async Task SendFailureAsync(GatewayExchange exchange, Exception exception, GatewayTelemetry telemetry)
    {
        if (exchange.Lifetime.RequestAborted.IsCancellationRequested)
        {
            exchange.FailureReason = "ClientConnectionFailure";
            return;
        }

        exchange.FailureReason ??= exception is IOException or HttpRequestException ? "BackendConnectionFailure" : "InternalError";
        if (exchange.FailureReason == "BackendConnectionFailure")
        {
            // The head of an answer came and was counted as what it said; it turned out to be worth nothing.
            (exchange.Context.Request.Entity as BackendState)?.Breaker?.Failed(exchange.FailureReason);
        }

        telemetry.ExchangeFailed(exchange, exception);
        if (exchange.Response.HasStarted)
        {
            exchange.Lifetime.Abort();
            return;
        }

        try
        {
            exchange.Response.Headers.Clear();
            await SendAsync(exchange, 500, $"{{ \"statusCode\": 500, \"message\": \"Internal server error\", \"activityId\": \"{exchange.Context.RequestId}\" }}");
        }
        catch (Exception again) when (again is IOException or OperationCanceledException or InvalidOperationException)
        {
            exchange.Lifetime.Abort();
        }
    }

    private static Task SendAsync(GatewayExchange exchange, int status, string json)
    {
        var body = Encoding.UTF8.GetBytes(json);
        exchange.Response.StatusCode = status;
        exchange.Response.ReasonPhrase = null;
        exchange.Response.Headers.ContentType = "application/json";
        exchange.Response.Headers.ContentLength = body.Length;
        return HttpMethodRules.IsHead(exchange.Request.Method) ? Task.CompletedTask : exchange.ResponseBody.Writer.WriteAsync(body).AsTask();
    }

    private static string Quote(string text) => '"' + JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString() + '"';
}

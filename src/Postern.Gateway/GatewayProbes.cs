using System.Text;
using Postern.Gateway.State;

namespace Postern.Gateway;

/// <summary>The status paths that load balancers and kubelets ask: 200 and nothing else once there is a configuration.</summary>
internal sealed class GatewayProbes(CurrentState current)
{
    public const string Status = "/status-0123456789abcdef";
    public const string InternalStatus = "/internal-status-0123456789abcdef";

    /// <summary>A misprint of the published Container Apps article that people deploy with.</summary>
    public const string MisprintedStatus = "/status-012345678990abcdef";

    public bool IsProbe(string target) =>
        target.Length is >= 24 and <= 64
        && (target[1] == 's' || target[1] == 'i')
        && target.AsSpan(0, target.IndexOf('?', StringComparison.Ordinal) is var question and >= 0 ? question : target.Length)
            is Status or InternalStatus or MisprintedStatus;

    public Task AnswerAsync(GatewayExchange exchange)
    {
        exchange.Response.Headers.CacheControl = "no-store";
        if (current.State is not null)
        {
            exchange.Response.StatusCode = 200;
            exchange.Response.Headers.ContentLength = 0;
            return Task.CompletedTask;
        }

        var reason = Encoding.UTF8.GetBytes(current.Reason);
        exchange.Response.StatusCode = 503;
        exchange.Response.Headers.ContentType = "text/plain; charset=utf-8";
        exchange.Response.Headers.ContentLength = reason.Length;
        return HttpMethodRules.IsHead(exchange.Request.Method)
            ? Task.CompletedTask
            : exchange.ResponseBody.Writer.WriteAsync(reason).AsTask();
    }
}

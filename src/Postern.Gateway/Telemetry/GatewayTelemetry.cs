using Microsoft.Extensions.Logging;
using Postern.Gateway.Telemetry.Sending;
using Postern.Gateway.Tracing;
using Postern.Policies.Runtime;
using Postern.Snapshots;

namespace Postern.Gateway.Telemetry;

/// <summary>Counts and records requests and tells what went wrong.</summary>
internal sealed partial class GatewayTelemetry(ILogger logger, RequestLog requests, RequestCounters counters, TelemetryQueue<GatewayTrace> traces)
{
    public RequestCounters Counters { get; } = counters;

    /// <summary>Called once per exchange, when its last byte is written.</summary>
    public ValueTask FinishedAsync(GatewayExchange exchange)
    {
        Counters.Count(exchange);
        requests.Write(exchange);
        return exchange.RequestTrace is { } trace ? SendAsync(exchange, trace) : default;
    }

    private async ValueTask SendAsync(GatewayExchange exchange, RequestTrace trace)
    {
        await SocketThread.LeaveAsync();
        try
        {
            traces.Add(trace.Finish());
        }
        catch (Exception exception)
        {
            // The request is answered; only its trace is lost.
            LogDefect(exchange.Context.RequestId, exception);
        }
    }

    public void ExchangeFailed(GatewayExchange exchange, Exception exception)
    {
        if (exception is IOException or OperationCanceledException or HttpRequestException)
        {
            LogBroken(exchange.Context.RequestId, exchange.FailureReason ?? "", exception.Message);
        }
        else
        {
            LogDefect(exchange.Context.RequestId, exception);
        }
    }

    public void Trace(GatewayExchange exchange, string source, string message) => LogTrace(exchange.Context.RequestId, source, message);

#pragma warning disable SYSLIB1015 // The formats write the correlation id as a member of its own, not into the message.
    [LoggerMessage(EventId = 2301, EventName = "RequestBroken", Level = LogLevel.Warning, Message = "{Reason}: {Text}")]
    private partial void LogBroken(Guid correlationId, string reason, string text);

    [LoggerMessage(EventId = 2302, EventName = "RequestFailed", Level = LogLevel.Error, Message = "The request failed in the gateway itself.")]
    private partial void LogDefect(Guid correlationId, Exception exception);

    [LoggerMessage(EventId = 2303, EventName = "PolicyTrace", Level = LogLevel.Information, Message = "{Text} (from {From})")]
    private partial void LogTrace(Guid correlationId, string from, string text);
}

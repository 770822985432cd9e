using Microsoft.Extensions.Logging;

namespace Postern.Gateway.Telemetry;

/// <summary>Counts requests and tells what went wrong.</summary>
internal sealed partial class GatewayTelemetry(ILogger logger, RequestCounters counters)
{
    public RequestCounters Counters { get; } = counters;

    public void Count(GatewayExchange exchange) => Counters.Count(exchange);

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

    [LoggerMessage(EventId = 2301, EventName = "RequestBroken", Level = LogLevel.Warning, Message = "{Reason}: {Text}. correlationId: {CorrelationId}")]
    private partial void LogBroken(Guid correlationId, string reason, string text);

    [LoggerMessage(EventId = 2302, EventName = "RequestFailed", Level = LogLevel.Error, Message = "The request failed in the gateway itself. correlationId: {CorrelationId}")]
    private partial void LogDefect(Guid correlationId, Exception exception);

    [LoggerMessage(EventId = 2303, EventName = "PolicyTrace", Level = LogLevel.Information, Message = "{Text} (from {From}). correlationId: {CorrelationId}")]
    private partial void LogTrace(Guid correlationId, string from, string text);
}

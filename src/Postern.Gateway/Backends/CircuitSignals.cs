using Microsoft.Extensions.Logging;
using Postern.Gateway.Telemetry;

namespace Postern.Gateway.Backends;

/// <summary>Tells that a circuit opened or closed, and what time it is.</summary>
internal sealed partial class CircuitSignals(TimeProvider time, GatewayEvents events, ILogger logger)
{
    public TimeProvider Time => time;

    public void Opened(string backendId, string rule, TimeSpan duration)
    {
        LogOpened(backendId, rule, duration);
        events.CircuitOpened(backendId, rule, duration);
    }

    public void Closed(string backendId, string rule, TimeSpan duration)
    {
        LogClosed(backendId, rule);
        events.CircuitClosed(backendId, rule, duration);
    }

    [LoggerMessage(EventId = 2401, EventName = "CircuitBreakerOpened", Level = LogLevel.Warning,
        Message = "The circuit breaker of backend '{BackendId}' opened by rule '{Rule}': the backend is not called for {Duration}.")]
    private partial void LogOpened(string backendId, string rule, TimeSpan duration);

    [LoggerMessage(EventId = 2402, EventName = "CircuitBreakerClosed", Level = LogLevel.Information,
        Message = "The circuit breaker of backend '{BackendId}' (rule '{Rule}') closed: the backend is called again.")]
    private partial void LogClosed(string backendId, string rule);
}

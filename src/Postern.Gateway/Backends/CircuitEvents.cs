using System.Text.Json.Nodes;
using Postern.Gateway.Telemetry;
using Postern.Snapshots;

namespace Postern.Gateway.Backends;

/// <summary>The published events about circuit breakers.</summary>
internal static class CircuitEvents
{
    extension(GatewayEvents events)
    {
        /// <param name="duration">How long the backend is left alone; a <c>Retry-After</c> may have set it.</param>
        public void CircuitOpened(string backendId, string rule, TimeSpan duration) => events.Raise(GatewayEventTypes.CircuitBreakerOpened, Subject(backendId, rule), Data(backendId, rule, duration));

        public void CircuitClosed(string backendId, string rule, TimeSpan duration) => events.Raise(GatewayEventTypes.CircuitBreakerClosed, Subject(backendId, rule), Data(backendId, rule, duration));
    }

    private static string Subject(string backendId, string rule) => $"/backends/{backendId}/circuit-breaker/rules/{rule}";

    private static JsonObject Data(string backendId, string rule, TimeSpan duration) => new()
    {
        ["backendName"] = backendId,
        ["circuitBreaker"] = new JsonObject { ["rules"] = new JsonObject { [rule] = new JsonObject { ["tripDuration"] = duration.ToString("c") } } },
    };
}

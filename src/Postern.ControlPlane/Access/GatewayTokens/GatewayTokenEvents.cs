using Microsoft.Extensions.Logging;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Access.GatewayTokens;

/// <summary>Logs the events and keeps the newest in memory.</summary>
internal sealed partial class GatewayTokenEvents(ILogger logger) : IGatewayTokenEvents
{
    private const int Most = 1000;

    private readonly Queue<GatewayTokenEvent> _recent = new();

    public IReadOnlyList<GatewayTokenEvent> Recent
    {
        get
        {
            lock (_recent)
            {
                return [.. _recent.Reverse()];
            }
        }
    }

    public void Raise(GatewayTokenEvent happened)
    {
        lock (_recent)
        {
            if (_recent.Count == Most)
            {
                _recent.Dequeue();
            }

            _recent.Enqueue(happened);
        }

        var gateway = ResourceIds.NameOf(happened.GatewayId);
        if (happened.Kind == GatewayTokenEventKind.NearExpiry)
        {
            NearExpiry(logger, gateway, happened.InstanceId, happened.Expiry);
        }
        else
        {
            Expired(logger, gateway, happened.InstanceId, happened.Expiry);
        }
    }

    [LoggerMessage(4131, LogLevel.Warning, "The token of gateway {Gateway}, instance {Instance}, expires at {ExpiresAtUtc:O}", EventName = "GatewayTokenNearExpiry")]
    private static partial void NearExpiry(ILogger logger, string gateway, string instance, DateTimeOffset expiresAtUtc);

    [LoggerMessage(4132, LogLevel.Error, "The token of gateway {Gateway}, instance {Instance}, expired at {ExpiredAtUtc:O}", EventName = "GatewayTokenExpired")]
    private static partial void Expired(ILogger logger, string gateway, string instance, DateTimeOffset expiredAtUtc);
}

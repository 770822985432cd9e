using System.Collections.Concurrent;

namespace Postern.ControlPlane.Access.GatewayTokens;

/// <summary>
/// Raises <c>GatewayTokenNearExpiry</c> seven days before an instance's token expires and daily from then on, and
/// <c>GatewayTokenExpired</c> once when it is used after its end. Heartbeats tell which instance uses which token, so no timer is needed.
/// </summary>
internal sealed class GatewayTokenWatch(IGatewayTokenEvents events, TimeProvider time)
{
    public static readonly TimeSpan NearExpiry = TimeSpan.FromDays(7);

    private static readonly TimeSpan Repeat = TimeSpan.FromDays(1);

    /// <summary>Instances remembered; beyond it the memory starts anew, and some events are raised twice.</summary>
    private const int MostRemembered = 10_000;

    private readonly ConcurrentDictionary<(string Gateway, string Instance), State> _instances = new();

    /// <summary>An instance lives and uses this token.</summary>
    public void Used(string gatewayId, string instanceId, GatewayToken token)
    {
        if (_instances.Count >= MostRemembered)
        {
            _instances.Clear();
        }

        var now = time.GetUtcNow();
        var key = (gatewayId.ToLowerInvariant(), instanceId);
        var before = _instances.GetValueOrDefault(key);
        var same = before?.Expiry == token.Expiry;
        var due = token.Expiry - now <= NearExpiry && !(same && now - before!.RaisedAt < Repeat);
        _instances[key] = new(token.Expiry, due ? now : same ? before!.RaisedAt : DateTimeOffset.MinValue, Expired: false);
        if (due)
        {
            events.Raise(new(GatewayTokenEventKind.NearExpiry, gatewayId, instanceId, token.Expiry, now));
        }
    }

    /// <summary>A token with a good signature came after its end.</summary>
    public void Expired(string gatewayId, GatewayToken token)
    {
        var gateway = gatewayId.ToLowerInvariant();
        var users = _instances.Where(pair => pair.Key.Gateway == gateway && pair.Value.Expiry == token.Expiry).ToList();
        if (users.Count == 0)
        {
            // No heartbeat told who uses it (this control plane has just started): said once without an instance.
            users.Add(KeyValuePair.Create((gateway, ""), new State(token.Expiry, DateTimeOffset.MinValue, Expired: false)));
        }

        foreach (var (key, state) in users.Where(pair => !pair.Value.Expired))
        {
            _instances[key] = state with { Expired = true };
            events.Raise(new(GatewayTokenEventKind.Expired, gatewayId, key.Instance, token.Expiry, time.GetUtcNow()));
        }
    }

    private sealed record State(DateTimeOffset Expiry, DateTimeOffset RaisedAt, bool Expired);
}

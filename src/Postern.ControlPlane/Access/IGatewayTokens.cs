namespace Postern.ControlPlane.Access;

/// <summary>Makes gateway tokens: <c>&lt;id&gt;&amp;&lt;yyyyMMddHHmm&gt;&amp;&lt;signature&gt;</c>, without the <c>GatewayKey</c> prefix that callers prepend.</summary>
internal interface IGatewayTokens
{
    /// <param name="gatewayId">Name of the gateway resource.</param>
    /// <param name="key">Text of the primary or secondary key; the token dies with it.</param>
    /// <param name="expiry">Seconds are dropped. Must lie ahead, at most 30 days.</param>
    GatewayTokenOutcome Create(string gatewayId, string key, DateTimeOffset expiry);
}

/// <param name="Value">The token; null when refused.</param>
/// <param name="Problem">Why the expiry is refused, for a 400 <c>ValidationError</c> with target <c>expiry</c>.</param>
internal readonly record struct GatewayTokenOutcome(string? Value, string? Problem);

/// <summary>Where the keys of a gateway resource are found. They are secrets of the store.</summary>
internal interface IGatewayKeys
{
    /// <param name="gatewayResourceId">ARM id of the gateway resource, in any casing.</param>
    /// <returns>Null when there is no such gateway.</returns>
    ValueTask<GatewayKeyPair?> FindAsync(string gatewayResourceId, CancellationToken cancellation);
}

internal sealed record GatewayKeyPair(string Primary, string Secondary);

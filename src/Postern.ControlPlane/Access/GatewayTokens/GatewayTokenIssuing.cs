namespace Postern.ControlPlane.Access.GatewayTokens;

/// <summary>Makes tokens within the product's limit.</summary>
internal sealed class GatewayTokenIssuing(TimeProvider time) : IGatewayTokens
{
    public static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>Callers ask for "30 days from now" by their own clock.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    public GatewayTokenOutcome Create(string gatewayId, string key, DateTimeOffset expiry)
    {
        var now = time.GetUtcNow();
        if (expiry > now + Longest + Skew)
        {
            return new(null, $"The expiry must be at most 30 days ahead: it is now {now:yyyy-MM-ddTHH:mm:ssZ}, so {now + Longest:yyyy-MM-ddTHH:mm:ssZ} at the latest.");
        }

        var token = GatewayToken.Sign(gatewayId, expiry, key);
        return token.Expiry <= now
            ? new(null, $"The expiry must lie ahead: it is now {now:yyyy-MM-ddTHH:mm:ssZ}, and seconds of an expiry are not counted.")
            : new(token.Value, null);
    }
}

namespace Postern.ControlPlane.Access.GatewayTokens;

/// <summary>Judges gateway tokens against the gateway's current keys, so that regenerating a key voids its tokens at once.</summary>
internal sealed class GatewayTokenValidation(IGatewayKeys keys, TimeProvider time)
{
    /// <summary>A key that no gateway has: an unknown gateway takes as long to refuse, and in the same words, as a wrong signature.</summary>
    private static readonly GatewayKeyPair Nobody = new(Guid.NewGuid().ToString(), Guid.NewGuid().ToString());

    /// <param name="text">The token without its scheme.</param>
    /// <param name="gatewayId">Name of the gateway that is called.</param>
    /// <param name="gatewayResourceId">Its ARM id; null when there is no such gateway.</param>
    public async ValueTask<GatewayTokenVerdict> CheckAsync(string text, string gatewayId, string? gatewayResourceId, CancellationToken cancellation)
    {
        if (GatewayToken.Parse(text) is not { } token)
        {
            return new(null, new(AccessDiagnostics.MalformedGatewayToken, "The gateway token is malformed: it must be 'GatewayKey <id>&<yyyyMMddHHmm>&<signature>'."));
        }

        if (!string.Equals(token.GatewayId, gatewayId, StringComparison.OrdinalIgnoreCase))
        {
            return new(null, new(AccessDiagnostics.GatewayTokenElsewhere, "The gateway token is for another gateway than the one that was called."));
        }

        var pair = (gatewayResourceId is null ? null : await keys.FindAsync(gatewayResourceId, cancellation)) ?? Nobody;
        if (!(token.IsSignedWith(pair.Primary) | token.IsSignedWith(pair.Secondary)))
        {
            return new(null, new(AccessDiagnostics.GatewayTokenForged,
                "The gateway token is not valid: no current key of the gateway made its signature. The key may have been regenerated."));
        }

        return time.GetUtcNow() >= token.Expiry
            ? new(token, new(AccessDiagnostics.GatewayTokenExpired, $"The gateway token expired at {token.Expiry:yyyy-MM-ddTHH:mm:ssZ}."))
            : new(token, null);
    }
}

/// <param name="Token">Given whenever its signature is good, also when it expired.</param>
/// <param name="Fault">Null when the token is good.</param>
internal readonly record struct GatewayTokenVerdict(GatewayToken? Token, GatewayTokenFault? Fault);

internal sealed record GatewayTokenFault(string Diagnostic, string Message);

using Postern.ControlPlane.Access;
using Postern.ControlPlane.Access.EntraTokens;
using Postern.ControlPlane.Access.GatewayTokens;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>
/// The configuration API's door. A gateway token speaks for its gateway; an Entra principal needs a role with the data action, looked up
/// with the eyes of the service's identity.
/// </summary>
internal sealed class ConfigurationAccess(
    EntraAuthentication entra, GatewayTokenValidation gatewayTokens, GatewayTokenWatch watch, ConfigurationRights rights, RecentCallers callers)
{
    /// <summary>Who is calling? Of an Entra principal nothing is said yet of what it may do.</summary>
    /// <param name="exists">Whether the gateway resource is there.</param>
    public async ValueTask<CallerOutcome> AuthenticateAsync(
        string? authorization, KnownService service, string gateway, bool exists, CancellationToken cancellation)
    {
        var (scheme, value) = BearerScheme.Split(authorization);
        if (BearerScheme.Is(scheme, GatewayToken.Scheme))
        {
            return await CheckTokenAsync(value, service, gateway, exists, cancellation);
        }

        var admission = await entra.AuthenticateAsync(authorization, Audiences.Configuration, cancellation);
        return admission.Principal is { } principal ? new(new(principal, null, null), null) : new(null, admission.Refusal);
    }

    /// <summary>May this caller have the gateway's configuration, now? Asked again while a long poll waits.</summary>
    public async ValueTask<AccessRefusal?> AuthorizeAsync(
        ConfigurationCaller caller, KnownService service, string gateway, bool exists, CancellationToken cancellation)
    {
        if (caller.GatewayToken is { } token)
        {
            return (await CheckTokenAsync(token, service, gateway, exists, cancellation)).Refusal;
        }

        var principal = caller.Principal!;
        var decision = await rights.DecideAsync(principal.ObjectId, service, gateway, cancellation);
        var refusal = decision.ToRefusal(principal.ClientName);
        callers.Note(principal, decision.Scope, refusal);
        return refusal;
    }

    private async ValueTask<CallerOutcome> CheckTokenAsync(string token, KnownService service, string gateway, bool exists, CancellationToken cancellation)
    {
        var verdict = await gatewayTokens.CheckAsync(token, gateway, exists ? service.GatewayId(gateway) : null, cancellation);
        if (verdict.Fault is not { } fault)
        {
            return new(new(null, token, verdict.Token), null);
        }

        if (fault.Diagnostic == AccessDiagnostics.GatewayTokenExpired)
        {
            watch.Expired(service.GatewayId(gateway), verdict.Token!);
        }

        return new(null, entra.Refuse(new(fault.Diagnostic, "AuthenticationFailed", fault.Message)));
    }
}

/// <summary>An authenticated gateway: by an Entra token, or by a gateway token, which is kept to be checked again.</summary>
internal sealed record ConfigurationCaller(Principal? Principal, string? GatewayToken, GatewayToken? Token)
{
    public override string ToString() => Principal is { } principal ? principal.ToString() : "gateway token";
}

internal readonly record struct CallerOutcome(ConfigurationCaller? Caller, AccessRefusal? Refusal);

using Microsoft.Extensions.Logging;
using Postern.ControlPlane.Access;
using Postern.ControlPlane.Access.EntraTokens;
using Postern.ControlPlane.Access.GatewayTokens;
using Postern.ControlPlane.Access.Rbac;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>
/// The configuration API's door. A gateway token speaks for its gateway; an Entra principal needs a role with the data action, looked up
/// with the eyes of the service's identity.
/// </summary>
internal sealed class ConfigurationAccess(
    EntraAuthentication entra, GatewayTokenValidation gatewayTokens, IRoleData roleData, AccessEvaluation evaluation, ILogger logger)
{
    public const string DataAction = "Microsoft.ApiManagement/service/gateways/getConfiguration/action";

    private readonly RefusalLog _refusals = new(logger);

    /// <summary>Who is calling? Nothing is said yet of what they may do.</summary>
    /// <param name="exists">Whether the gateway resource is there.</param>
    public async ValueTask<CallerOutcome> AuthenticateAsync(
        string? authorization, KnownService service, string gateway, bool exists, CancellationToken cancellation)
    {
        var (scheme, value) = BearerScheme.Split(authorization);
        if (!BearerScheme.Is(scheme, GatewayToken.Scheme))
        {
            var admission = await entra.AuthenticateAsync(authorization, Audiences.Configuration, cancellation);
            return new(admission.Principal is { } principal ? new ConfigurationCaller(principal, null) : null, admission.Refusal);
        }

        var caller = new ConfigurationCaller(null, value);
        var refusal = await CheckTokenAsync(value, service, gateway, exists, cancellation);
        return new(refusal is null ? caller : null, refusal);
    }

    /// <summary>May this caller have the gateway's configuration, now? Asked again while a long poll waits.</summary>
    public async ValueTask<AccessRefusal?> AuthorizeAsync(
        ConfigurationCaller caller, KnownService service, string gateway, bool exists, CancellationToken cancellation)
    {
        if (caller.GatewayToken is { } token)
        {
            return await CheckTokenAsync(token, service, gateway, exists, cancellation);
        }

        var principal = caller.Principal!;
        var refusal = await ExplainAsync(principal, service, gateway, cancellation);
        _refusals.Note(principal.ObjectId, service.GatewayId(gateway), refusal);
        return refusal;
    }

    private async ValueTask<AccessRefusal?> CheckTokenAsync(
        string token, KnownService service, string gateway, bool exists, CancellationToken cancellation) =>
        await gatewayTokens.CheckAsync(token, gateway, exists ? service.GatewayId(gateway) : null, cancellation) is { } fault
            ? entra.Refuse(new(fault.Diagnostic, "AuthenticationFailed", fault.Message))
            : null;

    private async ValueTask<AccessRefusal?> ExplainAsync(Principal principal, KnownService service, string gateway, CancellationToken cancellation)
    {
        var scope = ArmScope.Normalise(service.GatewayId(gateway));
        if (service.Identity is not { } identity)
        {
            return service.HasUserIdentity
                ? Refuse(principal, scope, AccessDiagnostics.OnlyUserIdentity,
                    $"The service '{service.Name}' has only a user-assigned managed identity; roles are read with the system-assigned one, which it has not.")
                : Refuse(principal, scope, AccessDiagnostics.NoSystemIdentity,
                    $"The service '{service.Name}' has no system-assigned managed identity to read roles with.");
        }

        var data = await roleData.ReadAsync(identity, ArmScope.Normalise(service.Id), cancellation);
        if (data.Unreachable)
        {
            return Unavailable(principal, scope, AccessDiagnostics.RolesUnreachable, "role data is not reachable");
        }

        if (data.Roles is not { } roles)
        {
            return Refuse(principal, scope, AccessDiagnostics.IdentityMayNotReadRoles,
                $"The system-assigned managed identity '{identity.PrincipalId}' of service '{service.Name}' may not read roles: it lacks '{data.MissingAction}' "
                + $"over scope '{service.Id}'. {data.Explanation}");
        }

        if (await evaluation.DecideAsync(principal.ObjectId, DataAction, Plane.DataAction, scope, roles, cancellation) is not { } decision)
        {
            return Unavailable(principal, scope, AccessDiagnostics.GroupsUnreachable, "the directory is not reachable, and a role or deny assignment may be to a group");
        }

        return decision.Allowed
            ? null
            : Refuse(principal, scope,
                decision.Step == AccessStep.Denied ? AccessDiagnostics.DenyAssignment : AccessDiagnostics.DataActionNotPermitted, decision.Explanation);
    }

    private static AccessRefusal Unavailable(Principal principal, string scope, string diagnostic, string reason) => new(
        503, "RoleDataUnavailable",
        $"It can't be found out whether principal '{principal.ObjectId}' may perform data action '{DataAction}' over scope '{scope}': {reason}.",
        diagnostic);

    private static AccessRefusal Refuse(Principal principal, string scope, string diagnostic, string reason) => new(
        403, "AuthorizationFailed",
        $"The client '{principal.ClientName}' with object id '{principal.ObjectId}' does not have authorization to perform data action '{DataAction}' "
        + $"over scope '{scope}'. {reason}",
        diagnostic);
}

/// <summary>An authenticated gateway: by an Entra token, or by a gateway token, which is kept to be checked again.</summary>
internal sealed record ConfigurationCaller(Principal? Principal, string? GatewayToken)
{
    public override string ToString() => Principal is { } principal ? principal.ToString() : "gateway token";
}

internal readonly record struct CallerOutcome(ConfigurationCaller? Caller, AccessRefusal? Refusal);

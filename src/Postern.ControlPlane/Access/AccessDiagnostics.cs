using Postern.Hosting;

namespace Postern.ControlPlane.Access;

/// <summary>Every way in which access is refused. Ids are stable; docs/diagnostics.md is generated from this list.</summary>
public static class AccessDiagnostics
{
    internal const string NoCredentials = "A401";
    internal const string WrongScheme = "A402";
    internal const string MalformedToken = "A403";
    internal const string WrongAlgorithm = "A404";
    internal const string UnknownKey = "A405";
    internal const string WrongSignature = "A406";
    internal const string Expired = "A407";
    internal const string NotYetValid = "A408";
    internal const string WrongIssuer = "A409";
    internal const string WrongAudience = "A410";
    internal const string WrongTenant = "A411";
    internal const string NoObjectId = "A412";
    internal const string AuthorityUnreachable = "A413";
    internal const string MalformedGatewayToken = "A420";
    internal const string GatewayTokenExpired = "A421";
    internal const string GatewayTokenForged = "A422";
    internal const string GatewayTokenElsewhere = "A423";
    internal const string ActionNotPermitted = "A430";
    internal const string NoSystemIdentity = "A431";
    internal const string OnlyUserIdentity = "A432";
    internal const string IdentityMayNotReadRoles = "A433";
    internal const string DataActionNotPermitted = "A434";
    internal const string DenyAssignment = "A435";
    internal const string RolesUnreachable = "A436";
    internal const string GroupsUnreachable = "A437";
    internal const string EmptyPermission = "A440";
    internal const string ConditionNotSupported = "A441";

    public static IReadOnlyList<DiagnosticEntry> All { get; } =
    [
        new(NoCredentials, "No credentials", "The call has no Authorization header.",
            "Send 'Bearer' with an Entra access token; at the configuration API a gateway token ('GatewayKey …') does as well."),
        new(WrongScheme, "Authorization scheme not known", "The Authorization header is neither 'Bearer' nor, at the configuration API, 'GatewayKey'.",
            "Check the value of config.service.auth: a gateway token begins with 'GatewayKey ' and is one line."),
        new(MalformedToken, "Access token malformed", "What was sent as a bearer token is not a signed JSON web token with a key id.",
            "Send the access_token of the authority's answer, whole and unchanged."),
        new(WrongAlgorithm, "Access token signed otherwise", "The token is unsigned or signed with an algorithm other than RS256.",
            "Get the token from the configured authority, which signs with RS256."),
        new(UnknownKey, "Signing key not known", "The authority does not publish the key that the token names: it comes from elsewhere, or the key was withdrawn.",
            "Get a new token from the authority that this control plane is configured with."),
        new(WrongSignature, "Signature not valid", "The token was changed after it was signed, or was not signed by the authority.",
            "Get a new token; if this repeats, somebody is trying."),
        new(Expired, "Access token expired", "The token's lifetime is over by more than the five minutes allowed for differing clocks.",
            "Get a new token; check the clocks of both machines."),
        new(NotYetValid, "Access token not yet valid", "The token's lifetime begins more than five minutes from now.", "Check the clocks of both machines."),
        new(WrongIssuer, "Issuer not accepted", "The token comes from another authority or another tenant than the configured one.",
            "Compare the authority and tenant of the client (config.service.auth.azureAd.authority, .tenantId) with those of the control plane."),
        new(WrongAudience, "Audience not accepted", "The token is meant for another service.",
            "At the configuration API the audience is https://azure-api.net/configuration (config.service.auth.tokenAudience); at the management API its own address."),
        new(WrongTenant, "Tenant not accepted", "The token's tenant is not the one that this control plane serves.", "Use an application of the right tenant."),
        new(NoObjectId, "Token without object id", "The token has no 'oid' claim, so that no role can belong to it.",
            "Use a token of a service principal or user; make sure that the application has a service principal."),
        new(AuthorityUnreachable, "Authority not reachable", "The authority's signing keys could not be fetched, so that no token can be judged.",
            "Check the authority's address, its certificate and the way to it; the log says what failed."),
        new(MalformedGatewayToken, "Gateway token malformed", "The value is not 'GatewayKey <id>&<yyyyMMddHHmm>&<signature>'.",
            "Generate a new token and use it whole, with the word GatewayKey and one space before it."),
        new(GatewayTokenExpired, "Gateway token expired", "The token's own expiry has passed.", "Generate a new token; they live 30 days at most."),
        new(GatewayTokenForged, "Gateway token not valid", "No key of the gateway made this signature: the key was regenerated, or the token was changed, or the gateway is not there.",
            "Generate a new token with a current key of this gateway."),
        new(GatewayTokenElsewhere, "Gateway token of another gateway", "The token is for another gateway than the one that was called.",
            "Use the token of this gateway, or the gateway of this token."),
        new(ActionNotPermitted, "Action not permitted", "The caller is known, but no role assignment permits the action at the scope.",
            "Assign a role that has the action at or above the scope named in the message."),
        new(NoSystemIdentity, "Service without system-assigned identity", "The service reads role data as its system-assigned managed identity, and has none.",
            "Turn on the system-assigned identity of the service."),
        new(OnlyUserIdentity, "Service with user-assigned identity only", "The service has a user-assigned managed identity; role data is read as the system-assigned one only.",
            "Turn on the system-assigned identity of the service too, and assign the validator role to it."),
        new(IdentityMayNotReadRoles, "Service identity may not read roles",
            "The service's identity lacks Microsoft.Authorization/roleAssignments/read, roleDefinitions/read or denyAssignments/read at the service.",
            "Assign the 'API Management Configuration API Access Validator Service Role' to it at the service's resource group or subscription."),
        new(DataActionNotPermitted, "Configuration not permitted",
            "The gateway's principal has no role with data action Microsoft.ApiManagement/service/gateways/getConfiguration/action at or above the gateway.",
            "Assign the 'API Management Gateway Configuration Reader Role' to the application's service principal at the service or above."),
        new(DenyAssignment, "Denied", "A deny assignment forbids it to the caller; those beat every role.", "Have the deny assignment named in the message changed."),
        new(RolesUnreachable, "Role data not reachable", "The source of role data could not be read, so that nothing can be permitted.",
            "Check the address in rbac.source and the way to it; the log says what failed."),
        new(GroupsUnreachable, "Directory not reachable", "The directory could not be asked which groups the caller is in, so that nothing can be permitted.",
            "Check the authority's address and the credential with which this control plane calls its Graph; the log says what failed."),
        new(EmptyPermission, "Empty permission object",
            "The role definition has a permission object without actions: a client has dropped members whose names it did not know.",
            "Use the flat shape shown in the message, or lower-case names inside 'permissions'."),
        new(ConditionNotSupported, "Condition on a role assignment", "Conditions on role assignments are not supported, and one that is not evaluated must not be stored.",
            "Assign the role without a condition, at a narrower scope."),
    ];
}

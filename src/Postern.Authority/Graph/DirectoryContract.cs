using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Postern.Authority.Tenancy;

namespace Postern.Authority.Graph;

/// <summary>Directory objects as Graph shows them.</summary>
internal static class DirectoryContract
{
    public static JsonObject Of(Application application) => WithOthers(application.Properties, new()
    {
        ["id"] = application.ObjectId,
        ["deletedDateTime"] = null,
        ["appId"] = application.AppId,
        ["createdDateTime"] = CredentialContract.Time(application.Created),
        ["displayName"] = application.DisplayName,
        ["identifierUris"] = List(application.IdentifierUris),
        ["signInAudience"] = "AzureADMyOrg",
        ["tags"] = new JsonArray(),
        ["appRoles"] = Roles(application.Roles),
        ["keyCredentials"] = CredentialContract.Of(application.Credentials.Certificates),
        ["passwordCredentials"] = CredentialContract.Of(application.Credentials.Secrets),
        ["requiredResourceAccess"] = new JsonArray(),
    });

    public static JsonObject Of(ServicePrincipal principal, DirectoryState directory)
    {
        var application = directory.ApplicationByAppId(principal.AppId);
        return WithOthers(principal.Properties, new()
        {
            ["id"] = principal.ObjectId,
            ["deletedDateTime"] = null,
            ["accountEnabled"] = principal.Enabled,
            ["alternativeNames"] = List(principal.AlternativeNames),
            ["appDisplayName"] = principal.DisplayName,
            ["appId"] = principal.AppId,
            ["appOwnerOrganizationId"] = application?.TenantId,
            ["appRoleAssignmentRequired"] = false,
            ["createdDateTime"] = CredentialContract.Time(principal.Created),
            ["displayName"] = principal.DisplayName,
            ["servicePrincipalNames"] = List([.. Names(principal, directory)]),
            ["servicePrincipalType"] = principal.Kind.ToString(),
            ["signInAudience"] = application is null ? null : "AzureADMyOrg",
            ["tags"] = new JsonArray(),
            ["appRoles"] = Roles(application?.Roles ?? []),
            ["keyCredentials"] = CredentialContract.Of(principal.Credentials.Certificates),
            ["passwordCredentials"] = CredentialContract.Of(principal.Credentials.Secrets),
        });
    }

    public static JsonObject Of(DirectoryGroup group) => new()
    {
        ["id"] = group.ObjectId,
        ["deletedDateTime"] = null,
        ["createdDateTime"] = CredentialContract.Time(group.Created),
        ["description"] = group.Description,
        ["displayName"] = group.DisplayName,
        ["groupTypes"] = new JsonArray(),
        ["mailEnabled"] = false,
        ["mailNickname"] = group.MailNickname,
        ["securityEnabled"] = true,
    };

    /// <summary>With its type, for lists that hold objects of several.</summary>
    /// <returns>Null when the tenant has no such object.</returns>
    public static JsonObject? Any(string objectId, string tenantId, DirectoryState directory)
    {
        bool Mine(string tenant) => string.Equals(tenant, tenantId, StringComparison.OrdinalIgnoreCase);
        return directory.Principals.GetValueOrDefault(objectId) is { } principal && Mine(principal.TenantId) ? Typed("servicePrincipal", Of(principal, directory))
            : directory.Groups.GetValueOrDefault(objectId) is { } group && Mine(group.TenantId) ? Typed("group", Of(group))
            : directory.Applications.GetValueOrDefault(objectId) is { } application && Mine(application.TenantId) ? Typed("application", Of(application))
            : null;
    }

    public static IEnumerable<string> Names(ServicePrincipal principal, DirectoryState directory) =>
        [principal.AppId, .. directory.ApplicationByAppId(principal.AppId)?.IdentifierUris ?? [], .. principal.Names];

    private static JsonObject Typed(string type, JsonObject item)
    {
        item.Insert(0, "@odata.type", $"#microsoft.graph.{type}");
        return item;
    }

    private static JsonArray List(ImmutableArray<string> values) => new([.. values.Select(value => JsonValue.Create(value))]);

    private static JsonArray Roles(ImmutableArray<AppRole> roles) => new([.. roles.Select(role => new JsonObject
    {
        ["allowedMemberTypes"] = List(role.AllowedMemberTypes),
        ["description"] = role.Description,
        ["displayName"] = role.DisplayName,
        ["id"] = role.Id,
        ["isEnabled"] = role.Enabled,
        ["origin"] = "Application",
        ["value"] = role.Value,
    })]);

    private static JsonObject WithOthers(string properties, JsonObject item)
    {
        if (properties != "{}")
        {
            foreach (var (name, value) in (JsonObject)JsonNode.Parse(properties)!)
            {
                item[name] = value?.DeepClone();
            }
        }

        return item;
    }
}

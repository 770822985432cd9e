using System.Collections.Immutable;

namespace Postern.Authority.Tenancy;

internal enum PrincipalKind
{
    /// <summary>Stands for an application in one tenant.</summary>
    Application,

    /// <summary>Belongs to a resource, which its alternative names tell; has no application.</summary>
    ManagedIdentity,
}

/// <summary>Who a token speaks of. Its object id is the token's <c>oid</c> and <c>sub</c>.</summary>
/// <param name="Names">Names beyond the application's own id and identifier URIs.</param>
/// <param name="IdentityKey">SHA-256 of the key with which a managed identity asks for tokens; null when it has none.</param>
internal sealed record ServicePrincipal(
    string TenantId,
    string ObjectId,
    string AppId,
    PrincipalKind Kind,
    string DisplayName,
    bool Enabled,
    DateTimeOffset Created,
    ImmutableArray<string> AlternativeNames,
    ImmutableArray<string> Names,
    ImmutableArray<AppRoleAssignment> Roles,
    Credentials Credentials,
    bool DirectoryWriter = false,
    byte[]? IdentityKey = null,
    string Properties = "{}")
{
    /// <summary>ARM id of the resource that a managed identity belongs to.</summary>
    public string? OwningResource => AlternativeNames.FirstOrDefault(name => name.StartsWith('/'));
}

/// <summary>A role of a resource's application given to a principal; appears as <c>roles</c> in tokens for that resource.</summary>
/// <param name="ResourceId">Object id of the resource's service principal.</param>
internal sealed record AppRoleAssignment(string Id, string ResourceId, string AppRoleId, DateTimeOffset Created);

using System.Collections.Immutable;

namespace Postern.Authority.Tenancy;

/// <summary>An application as registered in its home tenant.</summary>
/// <param name="ObjectId">Not to be taken for the client id (<paramref name="AppId"/>) nor for the service principal's object id.</param>
/// <param name="Properties">JSON object of Graph properties that the authority keeps but gives no meaning.</param>
internal sealed record Application(
    string TenantId,
    string ObjectId,
    string AppId,
    string DisplayName,
    DateTimeOffset Created,
    ImmutableArray<string> IdentifierUris,
    ImmutableArray<AppRole> Roles,
    Credentials Credentials,
    string Properties = "{}");

internal sealed record AppRole(
    string Id, string Value, string? DisplayName, string? Description, ImmutableArray<string> AllowedMemberTypes, bool Enabled);

using System.Collections.Immutable;
using System.Text.Json;

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
    string Properties = "{}")
{
    /// <summary>May have service principals in other tenants than its own (<c>signInAudience</c>).</summary>
    public bool IsForManyTenants() => Text("signInAudience") is "AzureADMultipleOrgs" or "AzureADandPersonalMicrosoftAccount";

    /// <summary>Wants the groups of whoever calls it in tokens (<c>groupMembershipClaims</c>).</summary>
    public bool WantsGroups() => Text("groupMembershipClaims") is { } kinds
        && kinds.Split(',', StringSplitOptions.TrimEntries).Intersect(["SecurityGroup", "All", "ApplicationGroup"], StringComparer.OrdinalIgnoreCase).Any();

    private string? Text(string property)
    {
        // Nearly no application has either: looking for the name is much cheaper than parsing.
        if (!Properties.Contains(property, StringComparison.Ordinal))
        {
            return null;
        }

        using var properties = JsonDocument.Parse(Properties);
        return properties.RootElement.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }
}

internal sealed record AppRole(
    string Id, string Value, string? DisplayName, string? Description, ImmutableArray<string> AllowedMemberTypes, bool Enabled);

using System.Text.Json;
using Postern.Authority.Tenancy;

namespace Postern.Authority.Tokens;

/// <summary>
/// The claim <c>groups</c>: object ids of the principal's groups, direct and indirect. As in Entra it is there when the application that
/// the token is for asks for it with <c>groupMembershipClaims</c>; many audiences here aren't registered, so the client's own counts too.
/// </summary>
internal static class GroupsClaim
{
    /// <summary>With more, the token says where to ask instead.</summary>
    private const int MaxGroups = 200;

    public static void Write(Utf8JsonWriter writer, ServicePrincipal principal, string audience, DirectoryState directory, AuthorityAddress address)
    {
        if (directory.ApplicationByAudience(audience)?.WantsGroups() != true && directory.ApplicationByAppId(principal.AppId)?.WantsGroups() != true)
        {
            return;
        }

        var groups = directory.GroupsOf(principal.ObjectId);
        if (groups.Count > MaxGroups)
        {
            writer.WriteStartObject("_claim_names");
            writer.WriteString("groups", "src1");
            writer.WriteEndObject();
            writer.WriteStartObject("_claim_sources");
            writer.WriteStartObject("src1");
            writer.WriteString("endpoint", $"{address.Origin}/v1.0/servicePrincipals/{principal.ObjectId}/getMemberObjects");
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        else if (groups.Count > 0)
        {
            writer.WriteStartArray("groups");
            foreach (var group in groups.Order(StringComparer.OrdinalIgnoreCase))
            {
                writer.WriteStringValue(group);
            }

            writer.WriteEndArray();
        }
    }
}

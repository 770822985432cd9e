using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources.NamedValues;

/// <summary>Secrets of other resources that the product keeps as named values, with a reference in their place.</summary>
internal static class MovedSecret
{
    /// <param name="displayName">Of the named value; the same again overwrites it.</param>
    /// <returns>What to store in place of the secret: <c>{{displayName}}</c>. A reference stays what it is.</returns>
    public static string Move(KindServices services, ResourceChange change, string displayName, string secret)
    {
        if (secret.StartsWith("{{", StringComparison.Ordinal) && secret.EndsWith("}}", StringComparison.Ordinal))
        {
            return secret;
        }

        var serviceId = References.ServiceOf(change.Id);
        var clean = new string([.. displayName.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' ? c : '-')]);
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{change.Id.ToLowerInvariant()}|{displayName}")))[..24];
        var id = $"{serviceId}/namedValues/{name}";
        var properties = new JsonObject { ["displayName"] = clean, ["value"] = secret, ["secret"] = true };
        services.Secrets.Seal(new NamedValueKind(services), id, properties);
        change.Also.Add(change.Write(id, NamedValueKind.TypeName, new() { ["properties"] = properties }));
        change.Also.Add(Uniqueness.Assert(change, serviceId, NamedValueKind.NameClaim, clean, id));
        return $"{{{{{clean}}}}}";
    }
}

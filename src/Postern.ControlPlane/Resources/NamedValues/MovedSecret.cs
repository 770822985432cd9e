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
        if (ReferenceIn(secret) is not null)
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

    /// <returns>The display name that <c>{{displayName}}</c> refers to; null for any other text.</returns>
    public static string? ReferenceIn(string text) =>
        text.Length > 4 && text.StartsWith("{{", StringComparison.Ordinal) && text.EndsWith("}}", StringComparison.Ordinal) ? text[2..^2] : null;

    /// <returns>Whether there is such a named value, and its value as far as it is known here.</returns>
    public static async ValueTask<(bool Found, string? Value)> FindAsync(KindServices services, string serviceId, string displayName, CancellationToken cancellation)
    {
        if (await Uniqueness.OwnerAsync(services.Store, serviceId, NamedValueKind.NameClaim, displayName, cancellation) is not { } owner
            || await services.Store.FindAsync(owner, cancellation) is not { } row)
        {
            return (false, null);
        }

        return (true, services.Secrets.Reveal(row.Id, ArmJson.ParseObject(row.Body).Properties(), "value"));
    }
}

using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Resources.Policies;
using Postern.Policies;

namespace Postern.ControlPlane.Store;

/// <summary>
/// The members by which resources are found without reading every one: those that lists filter by, and those by which others refer to
/// them. Collections that stay small, such as the operations of one API, are not here.
/// </summary>
internal static class IndexedMembers
{
    /// <summary>Raise it when anything here changes: stores make their index anew.</summary>
    public const long Version = 4;

    /// <summary>Characters of a text that are kept; the limit of PostgreSQL's index entries is 2,704 bytes.</summary>
    public const int LongestText = 512;

    /// <summary>Collection of all policy documents and fragments of a service, by what they refer to.</summary>
    public const string Documents = "documents";
    public const string Fragment = "fragment";
    public const string NamedValue = "namedValue";

    /// <summary>What documents have in place of a name that named values are part of, beside that name.</summary>
    public const string ComputedName = "{{";

    private const string Service = "microsoft.apimanagement/service/";

    private static readonly FrozenDictionary<string, string[]> ByType = new Dictionary<string, string[]>
    {
        [Service + "apis"] = ["name", "displayName", "path", "isCurrent", "description", "serviceUrl", "apiVersionSetId"],
        [Service + "apiversionsets"] = ["name", "displayName"],
        [Service + "backends"] = ["name", "title", "url"],
        [Service + "certificates"] = ["name", "subject", "thumbprint"],
        [Service + "gateways"] = ["name", "description"],
        [Service + "gateways/apis"] = ["name"],
        [Service + "groups"] = ["name", "displayName", "description", "externalId"],
        [Service + "groups/users"] = ["name"],
        [Service + "loggers"] = ["name", "description", "loggerType", "resourceId"],
        [Service + "namedvalues"] = ["name", "displayName"],
        [Service + "policyfragments"] = ["name", "description"],
        [Service + "products"] = ["name", "displayName", "state", "description", "terms"],
        [Service + "products/apis"] = ["name"],
        [Service + "products/groups"] = ["name"],
        [Service + "products/apilinks"] = ["apiId"],
        [Service + "products/grouplinks"] = ["groupId"],
        [Service + "schemas"] = ["name"],
        [Service + "subscriptions"] = ["name", "displayName", "state", "scope", "ownerId", "stateComment"],
        [Service + "tags"] = ["name", "displayName"],
        [Service + "tags/apilinks"] = ["apiId"],
        [Service + "tags/operationlinks"] = ["operationId"],
        [Service + "tags/productlinks"] = ["productId"],
        [Service + "users"] = ["name", "email", "firstName", "lastName", "state", "note"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Associations, which are also found from the side of what they name, across the service.</summary>
    private static readonly FrozenSet<string> Associations =
        ((string[])[Service + "gateways/apis", Service + "groups/users", Service + "products/apis", Service + "products/groups"]).ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> DocumentTypes = ((string[])
        [
            Service + "policies", Service + "products/policies", Service + "apis/policies", Service + "apis/operations/policies", Service + "policyfragments",
        ]).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The indexed members of a type, in the order of <see cref="MemberBlock"/>'s columns.</summary>
    public static string[] Of(string type) => ByType.GetValueOrDefault(ResourceIds.Key(type), []);

    /// <summary>Name of the collection of all associations of a type in a service.</summary>
    public static string Across(string associationType) => $"{ResourceIds.Key(associationType)}*";

    public static long Key(string rootId, string collection)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{ResourceIds.Key(rootId)}\n{ResourceIds.Key(collection)}"), hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash);
    }

    /// <summary>The form in which texts are compared: as <see cref="StringComparison.OrdinalIgnoreCase"/> sees them.</summary>
    public static string Fold(string text)
    {
        // PostgreSQL takes no zero in a text; half a character of two would not come back as it was.
        var folded = text.ToUpperInvariant().Replace('\0', ' ');
        return folded.Length <= LongestText ? folded : folded[..(char.IsHighSurrogate(folded[LongestText - 1]) ? LongestText - 1 : LongestText)];
    }

    /// <summary>What the index holds of a flag: in lower case, which no folded text is.</summary>
    public static string Flag(bool value) => value ? "true" : "false";

    /// <summary>What the index holds of a resource.</summary>
    public static IReadOnlyList<IndexedValue> Of(ResourceRow row)
    {
        var type = ResourceIds.Key(row.Type);
        var members = ByType.GetValueOrDefault(type);
        var isDocument = DocumentTypes.Contains(type);
        if (members is null && !isDocument)
        {
            return [];
        }

        var key = ResourceIds.Key(row.Id);
        var values = new List<IndexedValue>(8);
        using var body = JsonDocument.Parse(row.Body);
        var properties = Properties(body);
        if (members is not null)
        {
            var collection = Key(row.ParentId, type);
            var path = key[row.ParentId.Length..];
            foreach (var member in members)
            {
                if (Text(row, properties, member) is { } text)
                {
                    values.Add(new(collection, member, text, path));
                }
            }
        }

        var service = References.ServiceOf(row.Id);
        if (Associations.Contains(type))
        {
            values.Add(new(Key(service, Across(type)), "name", Fold(row.Name), key[service.Length..]));
        }

        if (isDocument && properties.ValueKind == JsonValueKind.Object
            && properties.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { } document)
        {
            var collection = Key(service, Documents);
            var fragments = StoredReferences.FragmentsIn(document).ToList();
            if (fragments.Exists(name => name.Contains(ComputedName, StringComparison.Ordinal)))
            {
                fragments.Add(ComputedName);
            }

            values.AddRange(fragments.Select(name => new IndexedValue(collection, Fragment, Fold(name), key[service.Length..])));
            values.AddRange(NamedValueReferences.NamesIn(document).Select(name => new IndexedValue(collection, NamedValue, Fold(name), key[service.Length..])));
        }

        return values.Count < 2 ? values : [.. values.Distinct()];
    }

    /// <summary>What a member table holds of a resource.</summary>
    public static MemberRow RowOf(ResourceRow row)
    {
        using var body = JsonDocument.Parse(row.Body);
        var properties = Properties(body);
        return new(ResourceIds.Key(row.Name), [.. Of(row.Type).Select(member => Text(row, properties, member))]);
    }

    private static JsonElement Properties(JsonDocument body) =>
        body.RootElement.ValueKind == JsonValueKind.Object
            && body.RootElement.TryGetProperty("properties", out var found) && found.ValueKind == JsonValueKind.Object ? found : default;

    /// <summary>As filters see a member: one of <c>properties</c>, else the name.</summary>
    private static string? Text(ResourceRow row, JsonElement properties, string member) =>
        properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(member, out var value)
            ? value.ValueKind switch
            {
                JsonValueKind.String => Fold(value.GetString()!),
                JsonValueKind.True => Flag(true),
                JsonValueKind.False => Flag(false),
                _ => null,
            }
            : member == "name" ? Fold(row.Name) : null;
}

/// <summary>One entry of the index.</summary>
/// <param name="Path">Key of the resource without that of the collection's root.</param>
internal readonly record struct IndexedValue(long Collection, string Member, string Text, string Path);

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources;

/// <summary>
/// Seals secrets of a body before it is stored and opens them again. A sealed secret is <c>{"$sealed": "…"}</c> in place of the text;
/// clients can't send that form, because secret members must be strings.
/// </summary>
internal sealed class SecretMembers(SecretProtector protector)
{
    private const string Sealed = "$sealed";

    /// <summary>Replaces every plain secret; what is sealed stays.</summary>
    public void Seal(ResourceKind kind, string id, JsonObject properties)
    {
        foreach (var (parent, key, place) in Places(kind, properties).ToList())
        {
            if (Get(parent, key) is JsonValue value && value.GetValueKind() == JsonValueKind.String)
            {
                Set(parent, key, new JsonObject { [Sealed] = protector.Protect(value.GetValue<string>(), $"{id}#{place}") });
            }
        }
    }

    /// <summary>Keeps the secrets of the stored body that the new one does not mention: answers never hold them, so clients can't send them back.</summary>
    public static void Keep(ResourceKind kind, JsonObject before, JsonObject properties)
    {
        foreach (var path in kind.Secrets(before).Where(path => !path.Shown && path.Steps.Count == 1))
        {
            if (properties[path.Steps[0]] is null && before[path.Steps[0]] is JsonObject kept)
            {
                properties[path.Steps[0]] = kept.DeepClone();
            }
        }
    }

    /// <summary>What answers show: hidden secrets taken out, shown ones opened.</summary>
    public void Show(ResourceKind kind, string id, JsonObject properties)
    {
        foreach (var path in kind.Secrets(properties).ToList())
        {
            foreach (var (parent, key, place) in path.Find(properties).ToList())
            {
                if (path.Shown)
                {
                    Set(parent, key, Open(Get(parent, key), $"{id}#{place}"));
                }
                else if (parent is JsonObject value)
                {
                    value.Remove(key);
                }
            }
        }
    }

    /// <summary>Opens every secret in place, for publishing and for the actions that list them.</summary>
    public void Reveal(ResourceKind kind, string id, JsonObject properties) => Reveal(kind.Secrets(properties), id, properties);

    public void Reveal(IEnumerable<SecretPath> paths, string id, JsonObject properties)
    {
        foreach (var (parent, key, place) in paths.SelectMany(path => path.Find(properties)).ToList())
        {
            Set(parent, key, Open(Get(parent, key), $"{id}#{place}"));
        }
    }

    /// <summary>One secret by its member name; null when it isn't set.</summary>
    public string? Reveal(string id, JsonObject properties, string member) =>
        Open(properties[member], $"{id}#{member}") is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    /// <summary>True when a client sends the sealed form, which only the store may hold.</summary>
    public static bool HoldsSealed(JsonNode? node) => node switch
    {
        JsonObject value => value.ContainsKey(Sealed) || value.Any(member => HoldsSealed(member.Value)),
        JsonArray list => list.Any(HoldsSealed),
        _ => false,
    };

    /// <summary>Puts a harmless text in the place of a sealed secret, so that the body can be checked like one that a client sent.</summary>
    public static void Unseal(JsonNode parent, string key)
    {
        if (Get(parent, key) is JsonObject { Count: 1 } value && value.ContainsKey(Sealed))
        {
            Set(parent, key, JsonValue.Create("*"));
        }
    }

    internal static JsonNode? Get(JsonNode parent, string key) =>
        parent is JsonArray list ? list[int.Parse(key, CultureInfo.InvariantCulture)] : parent[key];

    private static void Set(JsonNode parent, string key, JsonNode? value)
    {
        if (parent is JsonArray list)
        {
            list[int.Parse(key, CultureInfo.InvariantCulture)] = value;
        }
        else
        {
            parent[key] = value;
        }
    }

    private static IEnumerable<(JsonNode Parent, string Key, string Place)> Places(ResourceKind kind, JsonObject properties) =>
        kind.Secrets(properties).SelectMany(path => path.Find(properties));

    private JsonNode? Open(JsonNode? node, string place) =>
        node is JsonObject { Count: 1 } value && value.Text(Sealed) is { } text ? JsonValue.Create(protector.Reveal(text, place)) : node?.DeepClone();
}

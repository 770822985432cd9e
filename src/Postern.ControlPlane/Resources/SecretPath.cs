using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources;

/// <summary>Where a secret sits in <c>properties</c>: member names; <c>*</c> stands for every item of a list or member of a map.</summary>
/// <param name="Shown">Sealed in the store, but part of answers.</param>
internal sealed record SecretPath(IReadOnlyList<string> Steps, bool Shown)
{
    public static IEnumerable<SecretPath> Declared(IReadOnlyList<Member> members) => Declared(members, []);

    /// <summary>Every node at this path, with its parent and concrete place.</summary>
    public IEnumerable<(JsonNode Parent, string Key, string Place)> Find(JsonNode? root) => Find(root, 0, "");

    private static IEnumerable<SecretPath> Declared(IReadOnlyList<Member> members, string[] above)
    {
        foreach (var member in members)
        {
            var item = member.Type is MemberType.List or MemberType.Map;
            string[] here = [.. above, member.Name];
            if (member.IsSecret || member.IsSealed)
            {
                yield return new(here, member.IsSealed);
            }

            foreach (var below in Declared(member.Members, item ? [.. here, "*"] : here))
            {
                // The item's own name is not a step: '*' already stands for it.
                yield return item ? below with { Steps = [.. here, "*", .. below.Steps.Skip(here.Length + 2)] } : below;
            }
        }
    }

    private IEnumerable<(JsonNode Parent, string Key, string Place)> Find(JsonNode? node, int step, string place)
    {
        var keys = (node, Steps[step]) switch
        {
            (JsonObject value, "*") => value.Select(member => member.Key).ToArray(),
            (JsonArray list, "*") => [.. Enumerable.Range(0, list.Count).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture))],
            (JsonObject value, var name) when value.ContainsKey(name) => [name],
            _ => [],
        };
        foreach (var key in keys)
        {
            var here = place.Length == 0 ? key : $"{place}.{key}";
            if (step + 1 == Steps.Count)
            {
                yield return (node!, key, here);
            }
            else
            {
                foreach (var found in Find(SecretMembers.Get(node!, key), step + 1, here))
                {
                    yield return found;
                }
            }
        }
    }
}

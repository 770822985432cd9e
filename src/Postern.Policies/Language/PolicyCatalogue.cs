using System.Collections.Frozen;
using System.Reflection;

namespace Postern.Policies.Language;

/// <summary>All policies of this assembly, by element name. A new file with a marked record is found without any list.</summary>
internal static class PolicyCatalogue
{
    private static readonly FrozenDictionary<string, PolicyDefinition> ByName = typeof(PolicyCatalogue).Assembly.GetTypes()
        .Select(type => (Type: type, Syntax: type.GetCustomAttribute<PolicyAttribute>()))
        .Where(item => item.Syntax is not null)
        .ToFrozenDictionary(item => item.Syntax!.Name, item => new PolicyDefinition(item.Type, item.Syntax!), StringComparer.Ordinal);

    public static IEnumerable<PolicyDefinition> All => ByName.Values.OrderBy(definition => definition.Syntax.Name, StringComparer.Ordinal);

    public static PolicyDefinition? Find(string name) => ByName.GetValueOrDefault(name);
}

internal sealed record PolicyDefinition(Type Type, PolicyAttribute Syntax)
{
    public ElementShape Shape => ElementShape.Of(Type);
}

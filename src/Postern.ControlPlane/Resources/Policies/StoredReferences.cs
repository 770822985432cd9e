using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Postern.Policies;

namespace Postern.ControlPlane.Resources.Policies;

/// <summary>What a document refers to, read from the store before the document is checked: only what it names.</summary>
internal sealed partial class StoredReferences : IPolicyReferences
{
    private readonly FrozenDictionary<string, string> _namedValues;
    private readonly FrozenDictionary<string, PolicySource> _fragments;

    private StoredReferences(Dictionary<string, string> namedValues, Dictionary<string, PolicySource> fragments)
    {
        _namedValues = namedValues.ToFrozenDictionary(StringComparer.Ordinal);
        _fragments = fragments.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    public static async ValueTask<StoredReferences> LoadAsync(KindServices services, string serviceId, string text, CancellationToken cancellation)
    {
        var fragments = new Dictionary<string, PolicySource>(StringComparer.OrdinalIgnoreCase);
        var texts = new List<string> { text };
        for (var i = 0; i < texts.Count; i++)
        {
            foreach (var id in FragmentsIn(texts[i]))
            {
                if (!fragments.ContainsKey(id) && await services.Store.FindAsync($"{serviceId}/policyFragments/{id}", cancellation) is { } row)
                {
                    var properties = ArmJson.ParseObject(row.Body).Properties();
                    var format = properties.Text("format") == "rawxml" ? PolicyFormat.RawXml : PolicyFormat.Xml;
                    fragments.Add(id, new(PolicyScope.Fragment, PolicyNames.Of(row.Id), format, properties.Text("value") ?? ""));
                    texts.Add(properties.Text("value") ?? "");
                }
            }
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in texts.SelectMany(NamedValuesIn).Distinct(StringComparer.Ordinal))
        {
            if (await Uniqueness.OwnerAsync(services.Store, serviceId, NamedValues.NamedValueKind.NameClaim, name, cancellation) is { } id
                && await services.Store.FindAsync(id, cancellation) is { } row)
            {
                values[name] = services.Secrets.Reveal(row.Id, ArmJson.ParseObject(row.Body).Properties(), "value") ?? "";
            }
        }

        return new(values, fragments);
    }

    public string? FindNamedValue(string name) => _namedValues.GetValueOrDefault(name);

    public PolicySource? FindFragment(string id) => _fragments.GetValueOrDefault(id);

    /// <summary>Ids of the fragments that a document includes.</summary>
    public static IEnumerable<string> FragmentsIn(string text) => Fragment().Matches(text).Select(match => match.Groups[2].Value).Distinct();

    /// <summary>Display names of the named values that a text refers to.</summary>
    public static IEnumerable<string> NamedValuesIn(string text) => NamedValue().Matches(text).Select(match => match.Groups[1].Value).Distinct();

    [GeneratedRegex("""<include-fragment\b[^>]*?\bfragment-id\s*=\s*(["'])([^"']+)\1""", RegexOptions.CultureInvariant)]
    private static partial Regex Fragment();

    [GeneratedRegex(@"\{\{([A-Za-z0-9\-._]+)\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex NamedValue();
}

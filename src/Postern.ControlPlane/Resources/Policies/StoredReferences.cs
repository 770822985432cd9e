using System.Text.RegularExpressions;
using Postern.ControlPlane.Store;
using Postern.Policies;

namespace Postern.ControlPlane.Resources.Policies;

/// <summary>What documents refer to, read from the store before they are checked: only what they name. Not thread-safe.</summary>
/// <param name="pending">A fragment that is about to be written; it stands in for the stored one.</param>
internal sealed partial class StoredReferences(KindServices services, string serviceId, PolicySource? pending = null) : IPolicyReferences
{
    private readonly Dictionary<string, string?> _namedValues = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (ResourceRow? Row, PolicySource? Source)> _fragments = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Fragments as they were read; the pending one is not among them.</summary>
    public IEnumerable<ResourceRow> Fragments => _fragments.Values.Select(fragment => fragment.Row).OfType<ResourceRow>();

    /// <summary>Reads what a text refers to, and what that refers to. Named values are put in first: they may name a fragment.</summary>
    public async ValueTask AddAsync(string text, CancellationToken cancellation)
    {
        var texts = new List<string> { text };
        for (var i = 0; i < texts.Count; i++)
        {
            foreach (var id in FragmentsIn(await FillAsync(texts[i], cancellation)))
            {
                if (!_fragments.ContainsKey(id) && await FindAsync(id, cancellation) is { } fragment)
                {
                    texts.Add(fragment.Text);
                }
            }
        }
    }

    /// <summary>The text with the values of the named values that there are.</summary>
    public async ValueTask<string> FillAsync(string text, CancellationToken cancellation)
    {
        foreach (var name in NamedValueReferences.NamesIn(text))
        {
            if (!_namedValues.ContainsKey(name))
            {
                _namedValues[name] = await ValueAsync(name, cancellation);
            }
        }

        return NamedValueReferences.Fill(text, FindNamedValue);
    }

    public string? FindNamedValue(string name) => _namedValues.GetValueOrDefault(name);

    public PolicySource? FindFragment(string id) => _fragments.GetValueOrDefault(id).Source;

    /// <summary>Ids of the fragments that a document includes, as they are written: <c>{{name}}</c> is still in them.</summary>
    public static IEnumerable<string> FragmentsIn(string text) => Fragment().Matches(text).Select(match => match.Groups[2].Value.Trim()).Distinct();

    private async ValueTask<PolicySource?> FindAsync(string id, CancellationToken cancellation)
    {
        if (pending is not null && id.Equals(ResourceIds.NameOf(pending.Name), StringComparison.OrdinalIgnoreCase))
        {
            return (_fragments[id] = (null, pending)).Source;
        }

        var row = await services.Store.FindAsync($"{serviceId}/policyFragments/{id}", cancellation);
        return (_fragments[id] = (row, row is null ? null : StoredDocument.Of(row, PolicyScope.Fragment))).Source;
    }

    private async ValueTask<string?> ValueAsync(string name, CancellationToken cancellation) =>
        await Uniqueness.OwnerAsync(services.Store, serviceId, NamedValues.NamedValueKind.NameClaim, name, cancellation) is { } id
            && await services.Store.FindAsync(id, cancellation) is { } row
            ? services.Secrets.Reveal(row.Id, ArmJson.ParseObject(row.Body).Properties(), "value") ?? ""
            : null;

    [GeneratedRegex("""<include-fragment\b[^>]*?\bfragment-id\s*=\s*(["'])([^"']+)\1""", RegexOptions.CultureInvariant)]
    private static partial Regex Fragment();
}

namespace Postern.ControlPlane.Publishing.Kinds;

/// <summary>What is known of one gateway when it is decided what it is given.</summary>
/// <param name="ApiNames">Names of its APIs, without revision.</param>
/// <param name="Documents">Policy documents and fragments in effect there.</param>
/// <param name="Selected">What it is given so far, by key.</param>
internal sealed class GatewayNeeds(
    ModelGateway gateway, IReadOnlySet<string> apiNames, IReadOnlyList<ModelDocument> documents, IReadOnlyDictionary<string, Published> selected)
{
    private readonly Dictionary<PublishedKind, HashSet<string>> _named = Union(documents);

    public ModelGateway Gateway => gateway;

    public IReadOnlySet<string> ApiNames => apiNames;

    public IReadOnlyList<ModelDocument> Documents => documents;

    public IReadOnlyDictionary<string, Published> Selected => selected;

    /// <summary>True when a document names the resource, or computes a name, so that any may be meant.</summary>
    public bool IsNamed(PublishedKind kind, string name) =>
        _named.TryGetValue(kind, out var names) && (names.Contains(name) || names.Contains(DocumentMentions.Any));

    /// <summary>From what is selected by now; to be asked by kinds after those that use certificates.</summary>
    public CertificateNeeds Certificates => field ??= CertificateNeeds.From(
        _named.Where(pair => pair.Key is CertificatePublishing).SelectMany(pair => pair.Value), selected.Values);

    private static Dictionary<PublishedKind, HashSet<string>> Union(IReadOnlyList<ModelDocument> documents)
    {
        var union = new Dictionary<PublishedKind, HashSet<string>>();
        foreach (var (kind, names) in documents.SelectMany(document => document.Use.Parts))
        {
            if (!union.TryGetValue(kind, out var all))
            {
                union.Add(kind, all = new(StringComparer.OrdinalIgnoreCase));
            }

            all.UnionWith(names);
        }

        return union;
    }
}

namespace Postern.ControlPlane.Publishing.Kinds;

/// <summary>Every kind that is published row by row. A new one is a file here, a snapshot record, and a line below.</summary>
internal static class PublishedKinds
{
    /// <summary>A kind may look at what those before it selected.</summary>
    public static IReadOnlyList<PublishedKind> All { get; } =
    [
        new LoggerPublishing(),
        new CachePublishing(),
        new SchemaPublishing(),
        new HostnamePublishing(),
        new CertificateAuthorityPublishing(),
        new CertificatePublishing(),
    ];

    private static readonly Dictionary<string, PublishedKind> ByType = All.ToDictionary(kind => kind.Type, StringComparer.OrdinalIgnoreCase);

    /// <param name="path">Below the service: <c>gateways/lab/hostnameConfigurations/www</c>.</param>
    public static PublishedKind? Of(string path)
    {
        var parts = path.Split('/');
        return parts.Length % 2 == 0 ? ByType.GetValueOrDefault(string.Concat(parts.Where((_, index) => index % 2 == 0).Select(part => "/" + part))) : null;
    }

    /// <summary>Mentions of a document by kind; kinds that it does not mention are left out.</summary>
    public static IReadOnlyDictionary<PublishedKind, IReadOnlyList<string>> NamedIn(string document)
    {
        var named = new Dictionary<PublishedKind, IReadOnlyList<string>>();
        foreach (var kind in All)
        {
            if (kind.NamedIn(document).Distinct(StringComparer.OrdinalIgnoreCase).ToList() is { Count: > 0 } names)
            {
                named.Add(kind, names);
            }
        }

        return named;
    }
}

namespace Postern.Configuration;

/// <summary>Paths below the service, such as <c>apis/orders;rev=2/operations/get</c>.</summary>
internal static class ResourcePath
{
    private const string RevisionMark = ";rev=";

    /// <summary>Resources are the same whatever the case of their names.</summary>
    public static StringComparer Comparer => StringComparer.OrdinalIgnoreCase;

    public static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>The resource above; empty for one directly below the service.</summary>
    public static string ParentOf(string path)
    {
        var collection = path.LastIndexOf('/', path.LastIndexOf('/') - 1);
        return collection < 0 ? "" : path[..collection];
    }

    public static string Join(string parent, string collection, string name) => parent.Length == 0 ? $"{collection}/{name}" : $"{parent}/{collection}/{name}";

    /// <summary>The API of a path that is one or lies below one; null otherwise.</summary>
    public static string? ApiOf(string path)
    {
        if (!path.StartsWith("apis/", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var end = path.IndexOf('/', 5);
        return end < 0 ? path[5..] : path[5..end];
    }

    public static bool IsRevision(string api) => api.Contains(RevisionMark, StringComparison.OrdinalIgnoreCase);

    /// <summary><c>orders</c> and <c>2</c> of <c>orders;rev=2</c>; no revision in a name without one.</summary>
    public static (string Root, string? Revision) Split(string api)
    {
        var mark = api.IndexOf(RevisionMark, StringComparison.OrdinalIgnoreCase);
        return mark < 0 ? (api, null) : (api[..mark], api[(mark + RevisionMark.Length)..]);
    }

    public static string Revision(string root, string number) => root + RevisionMark + number;
}

namespace Postern.ControlPlane.Store;

/// <summary>Arithmetic on ARM ids. Ids compare by <see cref="Key"/>; the casing of their creator is kept for display.</summary>
public static class ResourceIds
{
    private const string Providers = "/providers/";

    /// <summary>The form in which ids are compared and ordered.</summary>
    public static string Key(string id) => id.ToLowerInvariant();

    public static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    public static string NameOf(string id) => id[(id.LastIndexOf('/') + 1)..];

    /// <summary>Key of a resource below a parent of which it is a child, or an extension.</summary>
    public static string KeyOf(string parentId, string type, string name) =>
        Key(type.Count(character => character == '/') > 1 ? $"{parentId}/{NameOf(type)}/{name}" : $"{parentId}{Providers}{type}/{name}");

    /// <summary>
    /// Id of the direct parent: <c>/subscriptions/s/resourceGroups/g</c> for <c>…/g/providers/Microsoft.ApiManagement/service/x</c>,
    /// the service for <c>…/service/x/apis/a</c>, empty at the top.
    /// </summary>
    public static string ParentOf(string id)
    {
        var beforeName = id.LastIndexOf('/');
        var beforeType = beforeName <= 0 ? -1 : id.LastIndexOf('/', beforeName - 1);
        if (beforeType <= 0)
        {
            return "";
        }

        var parent = id[..beforeType];
        var provider = parent.LastIndexOf(Providers, StringComparison.OrdinalIgnoreCase);
        return provider >= 0 && parent.IndexOf('/', provider + Providers.Length) < 0 ? parent[..provider] : parent;
    }

    /// <summary>True for the id itself and everything below it; whole segments only.</summary>
    public static bool IsAtOrBelow(string id, string ancestor) =>
        id.StartsWith(ancestor, StringComparison.OrdinalIgnoreCase) && (id.Length == ancestor.Length || id[ancestor.Length] == '/');
}

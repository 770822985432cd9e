using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Apis;

/// <summary>Names of revisions: <c>echo;rev=2</c>.</summary>
internal static class ApiRevisions
{
    private const string Mark = ";rev=";

    public static bool TrySplit(string name, out string api, out string revision)
    {
        var mark = name.IndexOf(Mark, StringComparison.OrdinalIgnoreCase);
        (api, revision) = mark < 0 ? (name, "") : (name[..mark], name[(mark + Mark.Length)..]);
        return mark > 0 && revision.Length > 0;
    }

    public static string Join(string api, string revision) => api + Mark + revision;

    public static string Of(ResourceRow api) => ArmJson.ParseObject(api.Body).Properties().Text("apiRevision") ?? "1";

    /// <summary>The revisions of an API that are not current.</summary>
    /// <param name="current">Row of the current revision.</param>
    public static async ValueTask<IReadOnlyList<ResourceRow>> OthersAsync(IResourceStore store, ResourceRow current, CancellationToken cancellation)
    {
        // Revisions are numbered by their makers; those of one API sort together, right after its current one.
        var rows = await store.ListNamedAsync(current.ParentId, ApiKind.TypeName, current.Name + Mark, cancellation);
        return [.. rows];
    }
}

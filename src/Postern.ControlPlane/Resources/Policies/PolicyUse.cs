using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Policies;

/// <summary>Which documents use something, before it is deleted.</summary>
internal static class PolicyUse
{
    public static ValueTask<IReadOnlyList<string>> OfFragmentAsync(IResourceStore store, ResourceRow fragment, CancellationToken cancellation) =>
        FindAsync(
            store, fragment, IndexedMembers.Fragment, fragment.Name,
            text => StoredReferences.FragmentsIn(text).Contains(fragment.Name, StringComparer.OrdinalIgnoreCase), cancellation);

    public static ValueTask<IReadOnlyList<string>> OfNamedValueAsync(
        IResourceStore store, ResourceRow namedValue, string displayName, CancellationToken cancellation) =>
        FindAsync(
            store, namedValue, IndexedMembers.NamedValue, displayName,
            text => StoredReferences.NamedValuesIn(text).Contains(displayName, StringComparer.Ordinal), cancellation);

    /// <param name="uses">The index knows no casing; this does, where it matters.</param>
    private static async ValueTask<IReadOnlyList<string>> FindAsync(
        IResourceStore store, ResourceRow used, string member, string name, Func<string, bool> uses, CancellationToken cancellation)
    {
        var documents = await store.FindByValueAsync(new(used.ParentId, IndexedMembers.Documents, member, ValueMatch.Equal, name), 0, null, cancellation);
        return
        [
            .. from row in documents.Rows
               where !ResourceIds.Same(row.Id, used.Id) && ArmJson.ParseObject(row.Body).Properties().Text("value") is { } text && uses(text)
               select row.Id,
        ];
    }
}

using Postern.ControlPlane.Store;
using Postern.Policies;

namespace Postern.ControlPlane.Resources.Policies;

/// <summary>Which documents use something: before it is deleted, or changed.</summary>
internal static class PolicyUse
{
    /// <summary>Documents and fragments that include a fragment themselves, whether they name it or named values do.</summary>
    public static async ValueTask<IReadOnlyList<ResourceRow>> OfFragmentAsync(
        IResourceStore store, StoredReferences references, string serviceId, string fragment, CancellationToken cancellation)
    {
        var users = new Dictionary<string, ResourceRow>(StringComparer.OrdinalIgnoreCase);
        foreach (var (row, text) in await FindAsync(store, serviceId, IndexedMembers.Fragment, fragment, cancellation))
        {
            if (StoredReferences.FragmentsIn(text).Contains(fragment, StringComparer.OrdinalIgnoreCase))
            {
                users[row.Id] = row;
            }
        }

        foreach (var (row, text) in await FindAsync(store, serviceId, IndexedMembers.Fragment, IndexedMembers.ComputedName, cancellation))
        {
            var filled = await references.FillAsync(text, cancellation);
            if (StoredReferences.FragmentsIn(filled).Contains(fragment, StringComparer.OrdinalIgnoreCase))
            {
                users[row.Id] = row;
            }
        }

        users.Remove($"{serviceId}/policyFragments/{fragment}");
        return [.. users.Values.OrderBy(row => row.Id, StringComparer.OrdinalIgnoreCase)];
    }

    public static async ValueTask<IReadOnlyList<string>> OfNamedValueAsync(
        IResourceStore store, ResourceRow namedValue, string displayName, CancellationToken cancellation) =>
    [
        // The index knows no casing; for named values it matters.
        .. from user in await FindAsync(store, namedValue.ParentId, IndexedMembers.NamedValue, displayName, cancellation)
           where NamedValueReferences.NamesIn(user.Text).Contains(displayName, StringComparer.Ordinal)
           select user.Row.Id,
    ];

    private static async ValueTask<IEnumerable<(ResourceRow Row, string Text)>> FindAsync(
        IResourceStore store, string serviceId, string member, string value, CancellationToken cancellation)
    {
        var found = await store.FindByValueAsync(new(serviceId, IndexedMembers.Documents, member, value), null, cancellation);
        return found.Select(row => (row, ArmJson.ParseObject(row.Body).Properties().Text("value") ?? ""));
    }
}

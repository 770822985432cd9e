using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Policies;

/// <summary>Which documents use something, before it is deleted.</summary>
internal static class PolicyUse
{
    private static readonly string[] DocumentTypes =
    [
        "Microsoft.ApiManagement/service/policies",
        "Microsoft.ApiManagement/service/products/policies",
        "Microsoft.ApiManagement/service/apis/policies",
        "Microsoft.ApiManagement/service/apis/operations/policies",
        "Microsoft.ApiManagement/service/policyFragments",
    ];

    public static ValueTask<IReadOnlyList<string>> OfFragmentAsync(IResourceStore store, ResourceRow fragment, CancellationToken cancellation) =>
        FindAsync(store, fragment, text => StoredReferences.FragmentsIn(text).Contains(fragment.Name, StringComparer.OrdinalIgnoreCase), cancellation);

    public static ValueTask<IReadOnlyList<string>> OfNamedValueAsync(
        IResourceStore store, ResourceRow namedValue, string displayName, CancellationToken cancellation) =>
        FindAsync(store, namedValue, text => StoredReferences.NamedValuesIn(text).Contains(displayName, StringComparer.Ordinal), cancellation);

    private static async ValueTask<IReadOnlyList<string>> FindAsync(
        IResourceStore store, ResourceRow used, Func<string, bool> uses, CancellationToken cancellation)
    {
        var found = new List<string>();
        foreach (var type in DocumentTypes)
        {
            foreach (var row in await store.ListAsync("", type, 0, null, cancellation))
            {
                if (!ResourceIds.Same(row.Id, used.Id) && ResourceIds.IsAtOrBelow(row.Id, used.ParentId)
                    && ArmJson.ParseObject(row.Body).Properties().Text("value") is { } text && uses(text))
                {
                    found.Add(row.Id);
                }
            }
        }

        return found;
    }
}

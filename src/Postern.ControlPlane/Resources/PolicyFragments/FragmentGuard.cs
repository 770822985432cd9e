using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.PolicyFragments;

/// <summary>
/// A row beside a fragment that every write of a document which includes it touches. Whoever judged the fragment by the documents that
/// include it writes only while the row is as it was before they were looked for: a document that came meanwhile starts the judgement again.
/// </summary>
/// <param name="Id">Of the row.</param>
/// <param name="Row">As it was read; null when no document has included the fragment yet.</param>
internal sealed record FragmentGuard(string Id, ResourceRow? Row)
{
    private static readonly string Empty = new System.Text.Json.Nodes.JsonObject().ToJsonString();

    public static async ValueTask<FragmentGuard> ReadAsync(IResourceStore store, string serviceId, string fragment, CancellationToken cancellation)
    {
        var id = IdOf(serviceId, fragment);
        return new(id, await store.FindAsync(id, cancellation));
    }

    public static ResourceWrite Touch(string serviceId, string fragment, string by) => new(IdOf(serviceId, fragment), Uniqueness.Type, Empty, by);

    /// <summary>Nothing has touched the row since.</summary>
    public ResourceWrite Untouched => Row is null ? new(Id, Uniqueness.Type, null, "", MustNotExist: true) { IsCheck = true } : ResourceWrite.Unchanged(Row);

    private static string IdOf(string serviceId, string fragment) => $"{serviceId}/reservations/policyFragments.users-{ResourceIds.Key(fragment)}";
}

using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Apis;

/// <summary>
/// Lets two revisions change places: the current one is stored without <c>;rev=</c>, so everything below both moves. Gateways see one
/// transaction: the API, its operations and its policies change together.
/// </summary>
internal sealed class RevisionSwap(KindServices services)
{
    /// <summary>Belong to the API, whichever revision is current.</summary>
    private static readonly string[] Staying = ["releases", "tags"];

    /// <param name="change">The release; its own row is among what stays below the API.</param>
    public async ValueTask MakeCurrentAsync(ResourceChange change, ResourceRow current, ResourceRow next, CancellationToken cancellation)
    {
        var now = await services.Store.ListBelowAsync(current.Id, cancellation);
        var then = await services.Store.ListBelowAsync(next.Id, cancellation);
        var former = $"{current.ParentId}/apis/{ApiRevisions.Join(current.Name, ApiRevisions.Of(current))}";

        // Whoever changes either API meanwhile makes this release start anew.
        change.Also.Add(change.Remove(next.Id, next.Type) with { IfMatch = next.ETag });
        change.Also.Add(change.Remove(current.Id, current.Type) with { IfMatch = current.ETag });
        Move(change, then, next.Id, current.Id, isCurrent: true);
        Move(change, now, current.Id, former, isCurrent: false);
        foreach (var row in now.Where(row => Stays(row, current.Id)))
        {
            change.Also.Add(change.Write(row.Id, row.Type, ArmJson.ParseObject(row.Body)));
        }

        change.Also.Add(change.Write(change.Id, ApiReleaseKind.TypeName, (System.Text.Json.Nodes.JsonObject)change.Body.DeepClone()));
        Uniqueness.Claim(
            change, current.ParentId, "apis.path",
            ApiPreparation.PathClaim(ArmJson.ParseObject(current.Body).Properties()), ApiPreparation.PathClaim(ArmJson.ParseObject(next.Body).Properties()), "apiId");
    }

    private static void Move(ResourceChange change, IReadOnlyList<ResourceRow> rows, string from, string to, bool isCurrent)
    {
        foreach (var row in rows.Where(row => !Stays(row, from)))
        {
            var body = ArmJson.ParseObject(row.Body);
            if (ResourceIds.Same(row.Id, from))
            {
                body.Properties()["isCurrent"] = isCurrent;
            }

            change.Also.Add(change.Write(to + row.Id[from.Length..], row.Type, body));
        }
    }

    private static bool Stays(ResourceRow row, string api) =>
        row.Id.Length > api.Length && Staying.Contains(row.Id[(api.Length + 1)..].Split('/')[0], StringComparer.OrdinalIgnoreCase);
}

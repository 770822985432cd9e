using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Apis;

/// <summary>The read-only list of an API's revisions, newest first.</summary>
internal sealed class ApiRevisionKind(KindServices services) : ResourceKind("Microsoft.ApiManagement/service/apis/revisions")
{
    public override Verbs Verbs => Verbs.List;

    public override async ValueTask<IReadOnlyList<JsonObject>?> ComputeAsync(ResourceView parent, CancellationToken cancellation)
    {
        var name = ApiRevisions.TrySplit(parent.Row.Name, out var api, out _) ? api : parent.Row.Name;
        var current = await services.Store.FindAsync($"{parent.Row.ParentId}/apis/{name}", cancellation);
        if (current is null)
        {
            return [];
        }

        List<ResourceRow> rows = [current, .. await ApiRevisions.OthersAsync(services.Store, current, cancellation)];
        return [.. rows.OrderByDescending(row => row.CreatedAt).Select(row => Show(row, name, isCurrent: row == current))];
    }

    private static JsonObject Show(ResourceRow row, string api, bool isCurrent)
    {
        var properties = ArmJson.ParseObject(row.Body).Properties();
        var revision = properties.Text("apiRevision") ?? "1";
        return new()
        {
            ["apiId"] = $"{row.ParentId}/apis/{ApiRevisions.Join(api, revision)}",
            ["apiRevision"] = revision,
            ["createdDateTime"] = ArmEnvelope.Time(row.CreatedAt),
            ["updatedDateTime"] = ArmEnvelope.Time(row.ModifiedAt),
            ["description"] = properties.Text("apiRevisionDescription"),
            ["privateUrl"] = isCurrent ? $"/{properties.Text("path")}" : $"/{properties.Text("path")};rev={revision}",
            ["isOnline"] = true,
            ["isCurrent"] = isCurrent,
        };
    }
}

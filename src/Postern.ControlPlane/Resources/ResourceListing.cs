using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources;

/// <summary>The tracked resources of a subscription or of one group, as <c>az resource list</c> and generic clients filter them.</summary>
internal sealed class ResourceListing(IResourceStore store)
{
    /// <param name="groupId">ARM id of a resource group; empty for the whole subscription.</param>
    /// <param name="visible">Which of them the caller may see; null for all.</param>
    public async ValueTask<ArmResponse> ListAsync(string groupId, ArmQuery query, Func<ResourceRow, ValueTask<bool>>? visible, CancellationToken cancellation)
    {
        if (!ODataFilter.TryParse(query.Filter, out var filter, out var problem))
        {
            return ArmErrors.BadRequest(problem, "$filter");
        }

        if (query.Integer("$top", 1, int.MaxValue) is not { } top)
        {
            return ArmErrors.BadRequest("'$top' must be a positive integer.", "$top");
        }

        if (groupId.Length > 0 && await store.FindAsync(groupId, cancellation) is null)
        {
            return new ArmError(404, "ResourceGroupNotFound", $"Resource group '{ResourceIds.NameOf(groupId)}' could not be found.", ResourceIds.NameOf(groupId));
        }

        var expanded = (query["$expand"] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var rows = await store.ListAsync(groupId, Services.ServiceKind.TypeName, 0, null, cancellation);
        var seen = new List<ResourceRow>();
        foreach (var row in rows)
        {
            if (visible is null || await visible(row))
            {
                seen.Add(row);
            }
        }

        var shown = seen.Where(row => filter?.Matches(Filterable(row)) ?? true).Take(top).Select(row => Shown(row, expanded)).ToArray();
        return ArmResponse.Ok(new JsonObject { ["value"] = new JsonArray([.. shown]) });
    }

    /// <summary>Under the names that filters use.</summary>
    private static JsonObject Filterable(ResourceRow row)
    {
        var body = ArmJson.ParseObject(row.Body);
        return new()
        {
            ["name"] = row.Name,
            ["resourceType"] = row.Type,
            ["resourceGroup"] = ResourceIds.NameOf(row.ParentId),
            ["location"] = body["location"]?.DeepClone(),
        };
    }

    private static JsonObject Shown(ResourceRow row, string[] expanded)
    {
        var body = ArmJson.ParseObject(row.Body);
        var item = new JsonObject { ["id"] = row.Id, ["name"] = row.Name, ["type"] = row.Type };
        foreach (var name in (string[])["location", "tags", "sku", "identity"])
        {
            if (body[name] is { } value)
            {
                item[name] = value.DeepClone();
            }
        }

        foreach (var name in expanded)
        {
            item[name] = name switch
            {
                "createdTime" => ArmEnvelope.Time(row.CreatedAt),
                "changedTime" => ArmEnvelope.Time(row.ModifiedAt),
                "provisioningState" => body.Properties().Text("provisioningState"),
                _ => null,
            };
        }

        return item;
    }
}

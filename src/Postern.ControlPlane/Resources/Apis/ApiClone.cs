using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Apis;

/// <summary>A new revision, version or API made from an existing one: its members where the request has none, and everything below it.</summary>
internal sealed class ApiClone(KindServices services)
{
    /// <summary>What is below an API but stays with it.</summary>
    private static readonly string[] NotCopied = ["releases"];

    /// <summary>What belongs to the one revision or API and is not inherited.</summary>
    private static readonly string[] NotInherited = ["apiRevision", "isCurrent", "apiRevisionDescription", "isOnline", "provisioningState"];

    public async ValueTask<ArmError?> FillAsync(ResourceChange change, string source, CancellationToken cancellation)
    {
        if (References.Absolute(change.ParentId, source) is not { } id || await FindAsync(id, cancellation) is not { } row)
        {
            return ArmErrors.Validation("sourceApiId", $"The API '{source}' does not exist.");
        }

        foreach (var (name, value) in ArmJson.ParseObject(row.Body).Properties())
        {
            if (!NotInherited.Contains(name) && change.Properties[name] is null && value is not null)
            {
                change.Properties[name] = value.DeepClone();
            }
        }

        foreach (var child in (await services.Store.ListBelowAsync(row.Id, cancellation)).Skip(1))
        {
            var below = child.Id[row.Id.Length..];
            if (!NotCopied.Contains(below.Split('/')[1], StringComparer.OrdinalIgnoreCase))
            {
                change.Also.Add(change.Write(change.Id + below, child.Type, ArmJson.ParseObject(child.Body)));
            }
        }

        return null;
    }

    private async ValueTask<ResourceRow?> FindAsync(string id, CancellationToken cancellation)
    {
        if (await services.Store.FindAsync(id, cancellation) is { } row)
        {
            return ResourceIds.Same(row.Type, ApiKind.TypeName) ? row : null;
        }

        return ApiRevisions.TrySplit(id, out var current, out var revision)
            && await services.Store.FindAsync(current, cancellation) is { } api && ApiRevisions.Of(api) == revision
            ? api
            : null;
    }
}

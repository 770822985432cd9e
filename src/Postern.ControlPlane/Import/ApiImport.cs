using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Import;

/// <summary>
/// Turns <c>format</c> and <c>value</c> of a PUT into members, operations and schemas. What the request says itself wins over the
/// document. Operations that the document no longer has are removed; those it still has keep their policies.
/// </summary>
internal sealed class ApiImport(KindServices services)
{
    private const string OperationType = "Microsoft.ApiManagement/service/apis/operations";
    private const string SchemaType = "Microsoft.ApiManagement/service/apis/schemas";

    public async ValueTask<ArmError?> ImportAsync(ResourceChange change, CancellationToken cancellation)
    {
        if (change.Input.Text("format") is not { Length: > 0 } format || change.Input.Text("value") is not { Length: > 0 } value)
        {
            return ArmErrors.Validation("format", "'format' and 'value' must be given together.");
        }

        if (Known(format) is not { } known)
        {
            return ArmErrors.Validation("format", $"The format '{format}' can't be imported here; openapi, openapi+json, swagger-json and their links can (C312).");
        }

        var text = value;
        if (known.IsLink)
        {
            var (fetched, problem) = await services.Links.FetchAsync(value, cancellation);
            if (fetched is null)
            {
                return ArmErrors.Validation("value", problem!);
            }

            text = fetched;
        }

        var inTemplate = change.Input.Text("translateRequiredQueryParameters") != "query";
        var (api, unreadable) = OpenApiDefinition.Read(text, known.IsYaml, inTemplate);
        if (api is null)
        {
            return ArmErrors.Validation("value", unreadable!);
        }

        Fill(change.Properties, api);
        await ReplaceChildrenAsync(change, "operations", OperationType, api.Operations, cancellation);
        await ReplaceChildrenAsync(change, "schemas", SchemaType, api.Schemas, cancellation);
        return null;
    }

    private static (bool IsYaml, bool IsLink)? Known(string format) => format.ToLowerInvariant() switch
    {
        "openapi" => (true, false),
        "openapi-link" => (true, true),
        "openapi+json" => (false, false),
        "openapi+json-link" => (true, true), // Links are named loosely in the wild: the document itself tells.
        "swagger-json" => (false, false),
        "swagger-link-json" or "swagger-link" => (true, true),
        _ => null,
    };

    private static void Fill(JsonObject properties, ImportedApi api)
    {
        properties["displayName"] ??= string.IsNullOrWhiteSpace(api.DisplayName) ? null : api.DisplayName;
        properties["description"] ??= api.Description;
        properties["type"] = "http";
        if (properties.Text("serviceUrl") is not { Length: > 0 } && api.ServiceUrl is not null)
        {
            properties["serviceUrl"] = api.ServiceUrl;
        }
    }

    private async ValueTask ReplaceChildrenAsync(
        ResourceChange change, string collection, string type, IReadOnlyList<KeyValuePair<string, JsonObject>> children, CancellationToken cancellation)
    {
        if (change.Existing is not null)
        {
            var kept = children.Select(child => child.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
            foreach (var row in await services.Store.ListAsync(change.Id, type, 0, null, cancellation))
            {
                if (!kept.Contains(row.Name))
                {
                    change.Also.Add(change.Remove(row.Id, type));
                }
            }
        }

        foreach (var (name, properties) in children)
        {
            change.Also.Add(change.Write($"{change.Id}/{collection}/{name}", type, new() { ["properties"] = properties }));
        }
    }
}

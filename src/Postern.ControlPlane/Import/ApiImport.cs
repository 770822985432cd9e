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

        if (DefinitionFormat.Of(format) is not { } known)
        {
            return ArmErrors.Validation(
                "format", $"The format '{format}' can't be imported here; {DefinitionFormat.Names} can ({ControlPlaneDiagnostics.UnknownFormat}).");
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

        if (known.Kind == DefinitionKind.Wsdl && change.Input.Text("apiType") is not (null or "soap"))
        {
            return ArmErrors.Validation("apiType", $"WSDL is imported for pass-through only: 'apiType' must be soap ({ControlPlaneDiagnostics.UnknownFormat}).");
        }

        var (api, unreadable) = Read(known.Kind, text, change.Input);
        if (api is null)
        {
            return ArmErrors.Validation("value", unreadable!);
        }

        Fill(change.Properties, api, known.Kind);
        await ReplaceChildrenAsync(change, "operations", OperationType, api.Operations, cancellation);
        await ReplaceChildrenAsync(change, "schemas", SchemaType, api.Schemas, cancellation);
        return null;
    }

    private static (ImportedApi? Api, string? Problem) Read(DefinitionKind kind, string text, JsonObject input)
    {
        var selector = input["wsdlSelector"] as JsonObject;
        return kind switch
        {
            DefinitionKind.Wsdl => WsdlDefinition.Read(text, selector?.Text("wsdlServiceName"), selector?.Text("wsdlEndpointName")),
            DefinitionKind.Grpc => ProtoDefinition.Read(text),
            DefinitionKind.GraphQl => GraphQlDefinition.Read(text),
            _ => OpenApiDefinition.Read(text, kind == DefinitionKind.OpenApi, input.Text("translateRequiredQueryParameters") != "query"),
        };
    }

    private static void Fill(JsonObject properties, ImportedApi api, DefinitionKind kind)
    {
        properties["displayName"] ??= string.IsNullOrWhiteSpace(api.DisplayName) ? null : api.DisplayName;
        properties["description"] ??= api.Description;
        properties["type"] = kind switch { DefinitionKind.Wsdl => "soap", DefinitionKind.Grpc => "grpc", DefinitionKind.GraphQl => "graphql", _ => "http" };
        if (properties["protocols"] is null && api.Protocols is { } protocols)
        {
            properties["protocols"] = ArmJson.Texts(protocols);
        }

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

using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Store;
using Postern.Snapshots;

namespace Postern.ControlPlane.Publishing;

/// <summary>What the rows of one API say about its operations' parameters, bodies and answers.</summary>
internal static class ApiDefinitionReader
{
    private const string Prefix = "Microsoft.ApiManagement/service/apis/";

    /// <param name="apiId">ARM id of the API's row.</param>
    /// <param name="owner">Key of the API's entity.</param>
    public static async ValueTask<IReadOnlyList<Published>> ReadAsync(IRows rows, string apiId, string owner, DefinitionUse use, CancellationToken cancellation)
    {
        var operations = await rows.ListAsync(apiId, Prefix + "operations", cancellation);
        var schemas = await rows.ListAsync(apiId, Prefix + "schemas", cancellation);
        var limits = new ParameterLimits(schemas);
        var entities = new List<Published> { new(new ApiDescriptionSnapshot(owner, [.. operations.Select(row => Operation(row, limits))])) };
        if (use.HasFlag(DefinitionUse.Schemas))
        {
            entities.AddRange(schemas.Select(row => Schema(row, owner)).OfType<SchemaSnapshot>().Select(schema => new Published(schema)));
        }

        return entities;
    }

    private static OperationDescriptionSnapshot Operation(ResourceRow row, ParameterLimits limits)
    {
        var properties = ArmJson.ParseObject(row.Body).Properties();
        var request = properties["request"] as JsonObject;
        return new(
            row.Name,
            [
                .. Parameters(properties["templateParameters"], "path", limits),
                .. Parameters(request?["queryParameters"], "query", limits),
                .. Parameters(request?["headers"], "header", limits),
            ],
            Representations(request?["representations"]),
            [.. Objects(properties["responses"]).Select(response => new ResponseSnapshot(
                Number(response["statusCode"]), [.. Parameters(response["headers"], "header", limits)], Representations(response["representations"])))]);
    }

    private static IEnumerable<ParameterSnapshot> Parameters(JsonNode? list, string place, ParameterLimits limits) => Objects(list)
        .Where(parameter => parameter.Text("name") is not null)
        .Select(parameter => new ParameterSnapshot(
            place, parameter.Text("name")!, parameter.Text("type") ?? "", parameter.Flag("required") ?? false,
            [.. (parameter["values"] as JsonArray ?? []).OfType<JsonValue>().Select(value => value.ToString())])
        {
            Limits = limits.Of(parameter),
        });

    private static IReadOnlyList<RepresentationSnapshot> Representations(JsonNode? list) =>
        [.. Objects(list).Select(one => new RepresentationSnapshot(one.Text("contentType") ?? "", Example(one), one.Text("schemaId"), one.Text("typeName")))];

    /// <summary>The first example; the oldest API versions called it <c>sample</c>.</summary>
    private static string? Example(JsonObject representation)
    {
        var value = (representation["examples"] as JsonObject)?.Select(example => (example.Value as JsonObject)?["value"]).FirstOrDefault(found => found is not null)
            ?? representation["sample"];
        return value is JsonValue text && text.TryGetValue<string>(out var example) ? example : value?.ToJsonString();
    }

    /// <returns>Null for what bodies are not checked against, such as GraphQL.</returns>
    private static SchemaSnapshot? Schema(ResourceRow row, string owner)
    {
        var properties = ArmJson.ParseObject(row.Body).Properties();
        var type = properties.Text("contentType") ?? "";
        if (properties["document"] is not JsonObject document)
        {
            return null;
        }

        return type.EndsWith("xml", StringComparison.OrdinalIgnoreCase) ? new(owner, row.Name, type, document.Text("value") ?? "")
            : document["components"] is JsonObject || document["definitions"] is JsonObject ? new(owner, row.Name, type, document.ToJsonString())
            : type.EndsWith("json", StringComparison.OrdinalIgnoreCase) && document.Text("value") is { } text ? new(owner, row.Name, type, text)
            : null;
    }

    private static int Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<double>(out var number) ? (int)number : 0;

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();
}

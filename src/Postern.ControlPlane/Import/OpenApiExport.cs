using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Import;

/// <summary>An API as an OpenAPI 3.0 document: what an import of it would make the same API from.</summary>
internal static class OpenApiExport
{
    private const string OperationType = "Microsoft.ApiManagement/service/apis/operations";
    private const string SchemaType = "Microsoft.ApiManagement/service/apis/schemas";

    private static readonly HashSet<string> Methods = new(["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"], StringComparer.OrdinalIgnoreCase);

    public static async ValueTask<JsonObject> CreateAsync(IResourceStore store, ResourceRow api, CancellationToken cancellation)
    {
        var properties = ArmJson.ParseObject(api.Body).Properties();
        var paths = new JsonObject();
        var components = await ComponentsAsync(store, api, properties, cancellation);
        var schemas = (JsonObject)components["schemas"]!;
        foreach (var row in await store.ListAsync(api.Id, OperationType, 0, null, cancellation))
        {
            Add(paths, row.Name, ArmJson.ParseObject(row.Body).Properties(), schemas);
        }

        return new()
        {
            ["openapi"] = "3.0.1",
            ["info"] = Info(properties),
            ["servers"] = new JsonArray(new JsonObject { ["url"] = $"https://{ResourceIds.NameOf(api.ParentId)}.azure-api.net/{properties.Text("path")}".TrimEnd('/') }),
            ["paths"] = paths,
            ["components"] = components,
        };
    }

    public static async ValueTask<string> AsSwaggerAsync(JsonObject document, CancellationToken cancellation)
    {
        var read = new OpenApiJsonReader().Read(document, new("https://definition.invalid/"), new OpenApiReaderSettings { RuleSet = ValidationRuleSet.GetEmptyRuleSet() });
        return await read.Document!.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi2_0, cancellation);
    }

    private static JsonObject Info(JsonObject properties)
    {
        var info = new JsonObject { ["title"] = properties.Text("displayName"), ["version"] = properties.Text("apiVersion") is { Length: > 0 } version ? version : "1.0" };
        if (properties.Text("description") is { Length: > 0 } description)
        {
            info["description"] = description;
        }

        return info;
    }

    private static void Add(JsonObject paths, string name, JsonObject operation, JsonObject schemas)
    {
        var template = operation.Text("urlTemplate") ?? "/";
        var method = operation.Text("method") ?? "GET";
        if (!Methods.Contains(method))
        {
            return; // OpenAPI knows no wildcard and no methods of one's own.
        }

        var query = template.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? template : template[..query];
        if (paths[path] is not JsonObject item)
        {
            paths[path] = item = [];
        }

        item[method.ToLowerInvariant()] = Operation(name, path, operation, schemas);
    }

    private static JsonObject Operation(string name, string path, JsonObject operation, JsonObject schemas)
    {
        var request = operation["request"] as JsonObject ?? [];
        var parameters = new JsonArray();
        foreach (var parameter in Objects(operation["templateParameters"]))
        {
            parameters.Add(Parameter(parameter, path.Contains($"{{{parameter.Text("name")}}}", StringComparison.Ordinal) ? "path" : "query", required: true, schemas));
        }

        Objects(request["queryParameters"]).ToList().ForEach(parameter => parameters.Add(Parameter(parameter, "query", parameter.Flag("required") ?? false, schemas)));
        Objects(request["headers"]).ToList().ForEach(parameter => parameters.Add(Parameter(parameter, "header", parameter.Flag("required") ?? false, schemas)));

        // Without a description readers take the summary for it, so an empty one is said.
        var result = new JsonObject { ["operationId"] = name, ["summary"] = operation.Text("displayName"), ["description"] = operation.Text("description") ?? "" };

        if (parameters.Count > 0)
        {
            result["parameters"] = parameters;
        }

        if (Content(request["representations"]) is { Count: > 0 } content)
        {
            var body = new JsonObject { ["content"] = content };
            if (request.Text("description") is { Length: > 0 } said)
            {
                body["description"] = said;
            }

            result["requestBody"] = body;
        }

        result["responses"] = Responses(operation["responses"]);
        return result;
    }

    private static JsonObject Parameter(JsonObject parameter, string place, bool required, JsonObject schemas)
    {
        var schema = new JsonObject { ["type"] = parameter.Text("type") is { Length: > 0 } type ? type : "string" };
        if (schema.Text("type") == "array")
        {
            schema["items"] = new JsonObject();
        }

        if (parameter["values"] is JsonArray { Count: > 0 } values)
        {
            schema["enum"] = values.DeepClone();
        }

        if (parameter.Text("defaultValue") is { } value)
        {
            schema["default"] = schema.Text("type") is "integer" or "number" or "boolean" && TryParse(value) is { } typed ? typed : value;
        }

        if (parameter.Text("typeName") is { Length: > 0 } named && schemas.ContainsKey(named))
        {
            schema = new() { ["$ref"] = $"#/components/schemas/{named}" };
        }

        var result = new JsonObject { ["name"] = parameter.Text("name"), ["in"] = place, ["schema"] = schema };
        if (parameter.Text("description") is { Length: > 0 } description)
        {
            result["description"] = description;
        }

        if (required)
        {
            result["required"] = true;
        }

        return result;
    }

    private static JsonObject Responses(JsonNode? responses)
    {
        var result = new JsonObject();
        foreach (var response in Objects(responses))
        {
            var shown = new JsonObject { ["description"] = response.Text("description") ?? "" };
            if (Content(response["representations"]) is { Count: > 0 } content)
            {
                shown["content"] = content;
            }

            if (Headers(response["headers"]) is { Count: > 0 } headers)
            {
                shown["headers"] = headers;
            }

            result[response["statusCode"]?.ToString() ?? "200"] = shown;
        }

        if (result.Count == 0)
        {
            result["200"] = new JsonObject { ["description"] = "" };
        }

        return result;
    }

    private static JsonObject Headers(JsonNode? headers)
    {
        var result = new JsonObject();
        foreach (var header in Objects(headers).Where(header => header.Text("name") is { Length: > 0 }))
        {
            var schema = new JsonObject { ["type"] = header.Text("type") is { Length: > 0 } type ? type : "string" };
            if (schema.Text("type") == "array")
            {
                schema["items"] = new JsonObject();
            }

            result[header.Text("name")!] = new JsonObject { ["schema"] = schema };
        }

        return result;
    }

    private static JsonObject Content(JsonNode? representations)
    {
        var content = new JsonObject();
        foreach (var representation in Objects(representations))
        {
            var media = new JsonObject();
            if (representation.Text("typeName") is { Length: > 0 } type)
            {
                media["schema"] = new JsonObject { ["$ref"] = $"#/components/schemas/{type}" };
            }

            if (representation["examples"] is JsonObject { Count: 1 } examples && examples["default"] is JsonObject { Count: 1 } only && only["value"] is { } example)
            {
                media["example"] = example.DeepClone();
            }
            else if (representation["examples"] is JsonObject { Count: > 0 } several)
            {
                media["examples"] = several.DeepClone();
            }

            content[representation.Text("contentType") ?? "application/octet-stream"] = media;
        }

        return content;
    }

    private static async ValueTask<JsonObject> ComponentsAsync(IResourceStore store, ResourceRow api, JsonObject properties, CancellationToken cancellation)
    {
        var schemas = new JsonObject();
        foreach (var row in await store.ListAsync(api.Id, SchemaType, 0, null, cancellation))
        {
            var document = ArmJson.ParseObject(row.Body).Properties()["document"] as JsonObject ?? [];
            foreach (var (name, schema) in (document["components"]?["schemas"] ?? document["definitions"]) as JsonObject ?? [])
            {
                schemas[name] = schema is null ? null : JsonNode.Parse(schema.ToJsonString().Replace("#/definitions/", "#/components/schemas/", StringComparison.Ordinal));
            }
        }

        var keys = properties["subscriptionKeyParameterNames"] as JsonObject ?? [];
        return new()
        {
            ["schemas"] = schemas,
            ["securitySchemes"] = new JsonObject
            {
                ["apiKeyHeader"] = new JsonObject { ["type"] = "apiKey", ["name"] = keys.Text("header"), ["in"] = "header" },
                ["apiKeyQuery"] = new JsonObject { ["type"] = "apiKey", ["name"] = keys.Text("query"), ["in"] = "query" },
            },
        };
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();

    private static JsonNode? TryParse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}

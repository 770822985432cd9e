using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Postern.ControlPlane.Import;

/// <summary>One operation of an OpenAPI document in the shape of the contract.</summary>
internal sealed class OperationParts(string schemaId, bool requiredQueryInTemplate, InlineSchemas inline)
{
    public JsonObject Convert(string path, string method, OpenApiOperation operation, IList<IOpenApiParameter> shared)
    {
        var parameters = (operation.Parameters ?? []).ToList();
        parameters.AddRange(shared.Where(outer => !parameters.Any(own => own.Name == outer.Name && own.In == outer.In)));
        var query = parameters.Where(parameter => parameter.In == ParameterLocation.Query).ToList();
        var inTemplate = requiredQueryInTemplate ? query.Where(parameter => parameter.Required).ToList() : [];
        var template = inTemplate.Count == 0
            ? path
            : $"{path}?{string.Join('&', inTemplate.Select(parameter => $"{parameter.Name}={{{parameter.Name}}}"))}";
        return new()
        {
            ["displayName"] = OpenApiDefinition.Cut(Text(operation.Summary) ?? Text(operation.OperationId) ?? $"{method} - {path}", 300),
            ["method"] = method,
            ["urlTemplate"] = OpenApiDefinition.Cut(template, 1000),
            ["description"] = OpenApiDefinition.Cut(operation.Description ?? operation.Summary, 1000),
            ["templateParameters"] = Parameters([.. PathParameters(path, method, parameters), .. inTemplate.Select(One)]),
            ["request"] = new JsonObject
            {
                ["description"] = operation.RequestBody?.Description,
                ["queryParameters"] = Parameters(query.Except(inTemplate).Select(One)),
                ["headers"] = Parameters(parameters.Where(parameter => parameter.In == ParameterLocation.Header).Select(One)),
                ["representations"] = Representations(operation.RequestBody?.Content, type => Proposed("Request", type)),
            },
            ["responses"] = Responses(operation.Responses, Proposed),
        };

        JsonObject One(IOpenApiParameter parameter) => Parameter(parameter, path, method);

        // Nearly all bodies are JSON: only others have their type in the name.
        string Proposed(string what, string type) =>
            InlineSchemas.Propose(path, method, type.Equals("application/json", StringComparison.OrdinalIgnoreCase) ? what : $"{what}-{type}");
    }

    /// <summary>Every placeholder of the path needs a declaration, also when the document forgot it.</summary>
    private IEnumerable<JsonObject> PathParameters(string path, string method, List<IOpenApiParameter> parameters)
    {
        foreach (var name in Placeholders(path).Distinct(StringComparer.Ordinal))
        {
            yield return parameters.Find(parameter => parameter.In == ParameterLocation.Path && parameter.Name == name) is { } declared
                ? Parameter(declared, path, method)
                : new() { ["name"] = name, ["type"] = "string", ["required"] = true };
        }
    }

    private static IEnumerable<string> Placeholders(string path)
    {
        for (var start = path.IndexOf('{', StringComparison.Ordinal); start >= 0; start = path.IndexOf('{', start + 1))
        {
            var end = path.IndexOf('}', start);
            if (end > start + 1)
            {
                yield return path[(start + 1)..end];
            }
        }
    }

    private JsonObject Parameter(IOpenApiParameter parameter, string path, string method)
    {
        var result = new JsonObject { ["name"] = parameter.Name, ["type"] = TypeOf(parameter.Schema) };
        if (Text(parameter.Description) is { } description)
        {
            result["description"] = description;
        }

        if (parameter.Required || parameter.In == ParameterLocation.Path)
        {
            result["required"] = true;
        }

        if (parameter.Schema?.Default is { } value)
        {
            result["defaultValue"] = value is JsonValue leaf && leaf.TryGetValue<string>(out var text) ? text : value.ToJsonString();
        }

        result["values"] = new JsonArray([.. (parameter.Schema?.Enum ?? []).Where(item => item is not null).Select(item => item.DeepClone())]);
        if (parameter.Schema is { } schema && IsLimited(schema))
        {
            result["schemaId"] = schemaId;
            result["typeName"] = inline.NameOf(schema, InlineSchemas.Propose(path, method, $"Request-{parameter.Name}"));
        }

        return result;
    }

    /// <summary>Says more about a value than its type and the list of values, which the contract has members for.</summary>
    private static bool IsLimited(IOpenApiSchema schema) =>
        schema.Minimum is not null || schema.Maximum is not null || schema.ExclusiveMinimum is not null || schema.ExclusiveMaximum is not null
        || schema.Pattern is not null || schema.MinLength is not null || schema.MaxLength is not null;

    private static string TypeOf(IOpenApiSchema? schema) =>
        ((schema?.Type ?? JsonSchemaType.String) & ~JsonSchemaType.Null) switch
        {
            JsonSchemaType.Integer => "integer",
            JsonSchemaType.Number => "number",
            JsonSchemaType.Boolean => "boolean",
            JsonSchemaType.Array => "array",
            JsonSchemaType.Object => "object",
            _ => "string",
        };

    private static JsonArray Parameters(IEnumerable<JsonObject> parameters) => new([.. parameters]);

    private JsonArray Responses(OpenApiResponses? responses, Func<string, string, string> proposed)
    {
        var result = new JsonArray();
        foreach (var (code, response) in responses ?? [])
        {
            if (int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 100 and <= 599)
            {
                result.Add(new JsonObject
                {
                    ["statusCode"] = status,
                    ["description"] = response.Description,
                    ["representations"] = Representations(response.Content, type => proposed($"{code}Response", type)),
                    ["headers"] = new JsonArray([.. (response.Headers ?? new Dictionary<string, IOpenApiHeader>())
                        .Select(header => new JsonObject { ["name"] = header.Key, ["type"] = TypeOf(header.Value.Schema), ["values"] = new JsonArray() })]),
                });
            }
        }

        return result;
    }

    private JsonArray Representations(IDictionary<string, IOpenApiMediaType>? content, Func<string, string> proposed)
    {
        var result = new JsonArray();
        foreach (var (type, media) in content ?? new Dictionary<string, IOpenApiMediaType>())
        {
            if (type.Length == 0)
            {
                continue;
            }

            var representation = new JsonObject { ["contentType"] = type };
            if (media.Schema is { } schema)
            {
                representation["schemaId"] = schemaId;
                representation["typeName"] = inline.NameOf(schema, proposed(type));
            }

            if (media.Example is { } example)
            {
                representation["examples"] = new JsonObject { ["default"] = new JsonObject { ["value"] = example.DeepClone() } };
            }
            else if (Examples(media) is { Count: > 0 } examples)
            {
                representation["examples"] = examples;
            }

            result.Add(representation);
        }

        return result;
    }

    /// <summary>Named examples; one that stands elsewhere has no value here.</summary>
    private static JsonObject Examples(IOpenApiMediaType media)
    {
        var result = new JsonObject();
        foreach (var (name, example) in media.Examples ?? new Dictionary<string, IOpenApiExample>())
        {
            if (example.Value is { } value)
            {
                result[name] = new JsonObject { ["value"] = value.DeepClone() };
            }
        }

        return result;
    }

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}

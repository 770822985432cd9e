using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;

namespace Postern.ControlPlane.Import;

/// <summary>OpenAPI 2.0, 3.0, 3.1 and 3.2 documents, JSON or YAML.</summary>
internal sealed class OpenApiDefinition
{
    private const string SchemaName = "openapi";
    private const string SwaggerContentType = "application/vnd.ms-azure-apim.swagger.definitions+json";
    private const string OpenApiContentType = "application/vnd.oai.openapi.components+json";

    private readonly OpenApiDocument _document;
    private readonly JsonObject _source;
    private readonly OperationParts _parts;
    private readonly InlineSchemas _inline;

    private OpenApiDefinition(OpenApiDocument document, JsonObject source, bool requiredQueryInTemplate, OpenApiSpecVersion version)
    {
        _document = document;
        _source = source;
        _inline = new(Declared(source)?.DeepClone() as JsonObject ?? [], version);
        _parts = new(SchemaName, requiredQueryInTemplate, _inline);
    }

    /// <param name="requiredQueryInTemplate">Required query parameters become part of the URL template, as the product does unless told otherwise.</param>
    /// <returns>What was read, or the problem with its place.</returns>
    public static (ImportedApi? Api, string? Problem) Read(string text, bool yaml, bool requiredQueryInTemplate)
    {
        try
        {
            var node = yaml && !text.AsSpan().TrimStart().StartsWith("{")
                ? YamlToJson.Parse(text)
                : JsonNode.Parse(text, null, new JsonDocumentOptions { MaxDepth = 128, AllowTrailingCommas = false });
            if (node is not JsonObject source || (source["openapi"] ?? source["swagger"]) is null)
            {
                return (null, "The document is no OpenAPI document: it has neither 'openapi' nor 'swagger' at the top.");
            }

            var result = new OpenApiJsonReader().Read(source, new("https://definition.invalid/"), new OpenApiReaderSettings { RuleSet = ValidationRuleSet.GetEmptyRuleSet() });
            return result.Document is null
                ? (null, $"The OpenAPI document can't be read: {string.Join(" ", result.Diagnostic?.Errors.Take(3).Select(error => $"{error.Pointer}: {error.Message}") ?? [])}")
                : (new OpenApiDefinition(result.Document, source, requiredQueryInTemplate, result.Diagnostic?.SpecificationVersion ?? OpenApiSpecVersion.OpenApi3_0).Convert(), null);
        }
        catch (JsonException error)
        {
            return (null, $"The document is not well-formed JSON: line {error.LineNumber + 1}, position {error.BytePositionInLine + 1}.");
        }
        catch (FormatException error)
        {
            return (null, $"The document is not well-formed YAML: {error.Message}");
        }
        catch (Exception error) when (error is OpenApiException or InvalidOperationException or ArgumentException or NotSupportedException)
        {
            return (null, $"The OpenAPI document can't be read: {error.Message}");
        }
    }

    private ImportedApi Convert()
    {
        var names = new OperationNames();
        var operations = new List<KeyValuePair<string, JsonObject>>();
        foreach (var (path, item) in _document.Paths ?? [])
        {
            foreach (var (method, operation) in item?.Operations ?? [])
            {
                var name = names.Next(operation.OperationId, method.Method, path);
                operations.Add(new(name, _parts.Convert(path, method.Method, operation, item!.Parameters ?? [])));
            }
        }

        return new(
            Cut(_document.Info?.Title, 300), _document.Info?.Description, ServiceUrl(), operations,
            _source["components"]?["schemas"] is JsonObject or null && _source["definitions"] is JsonObject or null ? [.. Schemas()] : [])
        {
            Protocols = Schemes(),
        };
    }

    /// <summary>Swagger's <c>schemes</c> are those of the API; the servers of OpenAPI 3 are those of its backend.</summary>
    private IReadOnlyList<string>? Schemes()
    {
        var schemes = (_source["schemes"] as JsonArray ?? []).Select(scheme => scheme?.ToString()).Where(scheme => scheme is "http" or "https").Distinct().ToList();
        return schemes.Count == 0 ? null : [.. schemes.Select(scheme => scheme!)];
    }

    private static JsonNode? Declared(JsonObject source) => source["swagger"] is null ? source["components"]?["schemas"] : source["definitions"];

    /// <summary>Schemas are kept as they were written, not as the reader understood them; those inside operations follow.</summary>
    private IEnumerable<KeyValuePair<string, JsonObject>> Schemas()
    {
        if (_inline.Named.Count > 0)
        {
            var (content, member, value) = _source["swagger"] is null
                ? (OpenApiContentType, "components", new JsonObject { ["schemas"] = _inline.Named })
                : (SwaggerContentType, "definitions", _inline.Named);
            yield return new(SchemaName, new() { ["contentType"] = content, ["document"] = new JsonObject { [member] = value } });
        }
    }

    private string? ServiceUrl()
    {
        foreach (var server in _document.Servers ?? [])
        {
            var url = server.Url ?? "";
            foreach (var (name, variable) in server.Variables ?? new Dictionary<string, OpenApiServerVariable>())
            {
                url = url.Replace($"{{{name}}}", variable.Default, StringComparison.Ordinal);
            }

            if (Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host != "definition.invalid")
            {
                return url.TrimEnd('/');
            }
        }

        return null;
    }

    internal static string? Cut(string? text, int most) => text is null || text.Length <= most ? text : text[..most];
}

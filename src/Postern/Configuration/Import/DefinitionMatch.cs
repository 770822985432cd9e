using System.Text.Json;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Import;

namespace Postern.Configuration.Import;

/// <summary>
/// Which operations of a definition are the same in the service's own export of the API. Comparing documents needs two calls for an API;
/// and a service that reads definitions a little differently from us still gives back what it was given.
/// </summary>
internal sealed class DefinitionMatch
{
    private readonly JsonObject _paths;

    private DefinitionMatch(JsonObject paths, IReadOnlySet<string> same, bool sameSchemas)
    {
        _paths = paths;
        Same = same;
        SameSchemas = sameSchemas;
    }

    /// <summary>Names of the operations that need no closer look.</summary>
    public IReadOnlySet<string> Same { get; }

    public bool SameSchemas { get; }

    /// <summary>Operations of the export.</summary>
    public int Count => _paths.Sum(path => Operations(path.Value).Count());

    public static DefinitionMatch? Of(ApiDefinition definition, string export)
    {
        if (Parse(definition) is not { } file || Json(export) is not { } service)
        {
            return null;
        }

        var (wanted, found) = (file["paths"] as JsonObject ?? [], service["paths"] as JsonObject ?? []);
        var same = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, operation) in definition.Api.Operations)
        {
            var path = (operation["urlTemplate"]?.ToString() ?? "/").Split('?')[0];
            var method = (operation["method"]?.ToString() ?? "GET").ToLowerInvariant();
            if (found[path]?[method] is JsonObject existing && wanted[path]?[method] is JsonObject asked
                && string.Equals(existing["operationId"]?.ToString(), name, StringComparison.OrdinalIgnoreCase)
                && MemberDifferences.Same(existing, asked) && MemberDifferences.Same(found[path]?["parameters"], wanted[path]?["parameters"]))
            {
                same.Add(name);
            }
        }

        return new(found, same, MemberDifferences.Same(service["components"]?["schemas"], file["components"]?["schemas"]));
    }

    private static IEnumerable<JsonNode> Operations(JsonNode? item) => (item as JsonObject ?? []).Where(member => member.Key != "parameters").Select(member => member.Value!);

    private static JsonObject? Parse(ApiDefinition definition)
    {
        try
        {
            return definition.Format == "openapi" && !definition.Text.AsSpan().TrimStart().StartsWith("{") ? YamlToJson.Parse(definition.Text) as JsonObject : Json(definition.Text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static JsonObject? Json(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

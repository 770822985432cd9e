using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Postern.ControlPlane.Import;

/// <summary>A GraphQL schema for pass-through: kept as the API's schema <c>graphql</c>; GraphQL APIs have no operations of their own.</summary>
internal static partial class GraphQlDefinition
{
    public static (ImportedApi? Api, string? Problem) Read(string text)
    {
        if (!Definition().IsMatch(text))
        {
            return (null, "The document is no GraphQL schema: it defines no type.");
        }

        var schema = new JsonObject
        {
            ["contentType"] = "application/vnd.ms-azure-apim.graphql.schema",
            ["document"] = new JsonObject { ["value"] = text },
        };
        return (new(null, null, null, [], [new("graphql", schema)]), null);
    }

    [GeneratedRegex(@"^\s*(extend\s+)?(schema|type|interface|scalar|union|enum|input)\b", RegexOptions.Multiline | RegexOptions.CultureInvariant, 2000)]
    private static partial Regex Definition();
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Import;

namespace Postern.Configuration;

/// <summary>An API's definition file, and what the management API will make of it.</summary>
/// <param name="Format">As the import calls it; null for a GraphQL schema, which is a schema of the API.</param>
/// <param name="Api">Operations and schemas.</param>
internal sealed record ApiDefinition(string File, string? Format, string Text, ImportedApi Api)
{
    /// <summary>True when the document's server is the gateway that it was exported from, and no backend.</summary>
    public bool NamesGateway => Uri.TryCreate(Api.ServiceUrl, UriKind.Absolute, out var server) && server.Host.EndsWith(".azure-api.net", StringComparison.OrdinalIgnoreCase);

    /// <returns>The definition, or what is wrong with the file.</returns>
    public static (ApiDefinition? Definition, string? Problem) Read(string file, string text)
    {
        var extension = System.IO.Path.GetExtension(file);
        (string? format, (ImportedApi? api, string? problem)) = extension switch
        {
            ".yaml" or ".yml" => ("openapi", OpenApiDefinition.Read(text, yaml: true, requiredQueryInTemplate: true)),
            ".json" => (IsSwagger(text) ? "swagger-json" : "openapi+json", OpenApiDefinition.Read(text, yaml: false, requiredQueryInTemplate: true)),
            ".wsdl" => ("wsdl", WsdlDefinition.Read(text, null, null)),
            ".graphql" => (null, GraphQlDefinition.Read(text)),
            ".proto" => ("grpc", ProtoDefinition.Read(text)),
            _ => (null, (null, "WADL is not imported here: give the API as OpenAPI.")),
        };
        return api is null ? (null, problem) : (new(file, format, text, api), null);
    }

    private static bool IsSwagger(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("swagger", out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

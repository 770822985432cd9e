namespace Postern.ControlPlane.Import;

internal enum DefinitionKind
{
    /// <summary>YAML or JSON: the document itself tells.</summary>
    OpenApi,
    OpenApiJson,
    Wsdl,
    Grpc,
    GraphQl,
}

/// <summary>The <c>format</c> of an import.</summary>
internal readonly record struct DefinitionFormat(DefinitionKind Kind, bool IsLink)
{
    public const string Names = "openapi, openapi+json, swagger-json, wsdl, grpc, their links, and graphql-link";

    public static DefinitionFormat? Of(string format) => format.ToLowerInvariant() switch
    {
        "openapi" => new(DefinitionKind.OpenApi, false),
        "openapi+json" or "swagger-json" => new(DefinitionKind.OpenApiJson, false),
        "openapi-link" or "openapi+json-link" or "swagger-link-json" or "swagger-link" => new(DefinitionKind.OpenApi, true),
        "wsdl" => new(DefinitionKind.Wsdl, false),
        "wsdl-link" => new(DefinitionKind.Wsdl, true),
        "grpc" => new(DefinitionKind.Grpc, false),
        "grpc-link" => new(DefinitionKind.Grpc, true),
        "graphql-link" => new(DefinitionKind.GraphQl, true),
        _ => null,
    };
}

namespace Postern.Policies.Language;

/// <summary>Policies of the product that this gateway does not run, each with its reason.</summary>
internal static class UnsupportedPolicies
{
    private const string Ai = "policies for language models are not part of this gateway yet";
    private const string Resolver = "GraphQL resolvers do not run on a self-hosted gateway";

    public static IReadOnlyDictionary<string, string> Reasons { get; } = new Dictionary<string, string>
    {
        ["llm-token-limit"] = Ai,
        ["azure-openai-token-limit"] = Ai,
        ["llm-content-safety"] = Ai,
        ["llm-emit-token-metric"] = Ai,
        ["azure-openai-emit-token-metric"] = Ai,
        ["llm-semantic-cache-lookup"] = Ai,
        ["llm-semantic-cache-store"] = Ai,
        ["azure-openai-semantic-cache-lookup"] = Ai,
        ["azure-openai-semantic-cache-store"] = Ai,
        ["http-data-source"] = Resolver,
        ["sql-data-source"] = Resolver,
        ["cosmosdb-data-source"] = Resolver,
        ["publish-event"] = Resolver,
        ["validate-graphql-request"] = "GraphQL validation does not run on a self-hosted gateway",
        ["get-authorization-context"] = "the credential manager is not available to a self-hosted gateway",
        ["invoke-request"] = "it is not documented",
        ["cache-value"] = "it is not documented",
    };
}

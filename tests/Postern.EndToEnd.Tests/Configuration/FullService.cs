using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Postern.EndToEnd.Tests.Configuration;

/// <summary>A service with something of everything that the folder holds.</summary>
internal static class FullService
{
    public static async Task FillAsync(ConfigurationPlane plane, string service, string gateway)
    {
        await Put("namedValues/host", new() { ["displayName"] = "host", ["value"] = "backend.example", ["tags"] = new JsonArray("net") });
        await Put("namedValues/password", new() { ["displayName"] = "password", ["value"] = "hidden-password", ["secret"] = true });
        await Put("tags/red", new() { ["displayName"] = "Red" });
        await Put("apiVersionSets/pets", new() { ["displayName"] = "Pets", ["versioningScheme"] = "Segment" });
        await Put("certificates/client", new() { ["data"] = Certificate(), ["password"] = "pfx-password" });
        await Put("caches/default", new() { ["connectionString"] = "redis.example:6380,password=redis-password", ["useFromLocation"] = "default" });
        await Put("schemas/pet", new() { ["schemaType"] = "json", ["document"] = new JsonObject { ["type"] = "object" } });
        await Put("groups/partners", new() { ["displayName"] = "Partners", ["description"] = "From outside" });
        await Put("users/ada", new() { ["email"] = "ada@contoso.example", ["firstName"] = "Ada", ["lastName"] = "Lovelace" });
        await Put("groups/partners/users/ada", null);
        await Put("loggers/hub", new()
        {
            ["loggerType"] = "azureEventHub",
            ["credentials"] = new JsonObject { ["name"] = "hub", ["connectionString"] = "Endpoint=sb://hub.example/;SharedAccessKeyName=s;SharedAccessKey=hub-key;EntityPath=e" },
        });
        await Put("backends/one", new()
        {
            ["url"] = "https://{{host}}/one",
            ["protocol"] = "http",
            ["credentials"] = new JsonObject
            {
                ["header"] = new JsonObject { ["x-functions-key"] = new JsonArray("function-key"), ["x-id"] = new JsonArray("{{host}}") },
                ["authorization"] = new JsonObject { ["scheme"] = "Basic", ["parameter"] = "basic-parameter" },
            },
        });
        await Put("backends/all", new()
        {
            ["type"] = "Pool",
            ["pool"] = new JsonObject { ["services"] = new JsonArray(new JsonObject { ["id"] = $"{service}/backends/one", ["weight"] = 1 }) },
        });
        await Put("policyFragments/above", Raw("<fragment><set-header name=\"x-inner\"><value>{{host}}</value></set-header></fragment>"));
        await Put("policyFragments/a-outside", Raw("<fragment><include-fragment fragment-id=\"above\" /></fragment>"));
        await Put($"gateways/{gateway}", new() { ["locationData"] = new JsonObject { ["name"] = "lab" }, ["description"] = "In the lab" });
        await Put($"gateways/{gateway}/hostnameConfigurations/one", new() { ["hostname"] = "api.contoso.example", ["certificateId"] = $"{service}/certificates/client" });
        await Put($"gateways/{gateway}/certificateAuthorities/client", new() { ["isTrusted"] = true });
        await Put("products/starter", new() { ["displayName"] = "Starter", ["subscriptionRequired"] = true, ["state"] = "published", ["subscriptionsLimit"] = 5 });
        await Put("products/starter/groups/partners", null);
        await Put("products/starter/tags/red", null);
        await PutApisAsync(plane, service, gateway);
        await Put("policies/policy", Raw(Policy("<set-header name=\"x-global\"><value>@(context.RequestId.ToString() + \"&<\")</value></set-header>")));
        await Put("products/starter/policies/policy", Raw(Policy("<rate-limit calls=\"300\" renewal-period=\"60\" />")));
        await Put("subscriptions/ada", new() { ["displayName"] = "Ada", ["scope"] = $"{service}/products/starter", ["ownerId"] = $"{service}/users/ada", ["state"] = "active" });
        await Put("subscriptions/everything", new() { ["displayName"] = "All APIs", ["scope"] = $"{service}/apis", ["state"] = "active" });
        await Put("subscriptions/pets", new() { ["displayName"] = "Pets", ["scope"] = $"{service}/apis/pets", ["state"] = "suspended" });
        await Put("diagnostics/hub", new() { ["loggerId"] = $"{service}/loggers/hub", ["sampling"] = new JsonObject { ["samplingType"] = "fixed", ["percentage"] = 50 } });
        await Put("apis/pets/diagnostics/hub", new() { ["loggerId"] = $"{service}/loggers/hub", ["verbosity"] = "error" });

        Task<JsonObject> Put(string path, JsonObject? properties) => plane.PutAsync($"{service}/{path}", properties);
    }

    private static async Task PutApisAsync(ConfigurationPlane plane, string service, string gateway)
    {
        await Put("apis/pets", new()
        {
            ["path"] = "pets",
            ["format"] = "openapi",
            ["value"] = Definition,
            ["apiVersion"] = "v1",
            ["apiVersionSetId"] = $"{service}/apiVersionSets/pets",
            ["serviceUrl"] = "https://{{host}}/pets",
            ["protocols"] = new JsonArray("https", "http"),
            ["subscriptionKeyParameterNames"] = new JsonObject { ["header"] = "x-key", ["query"] = "key" },
        });
        await Put("apis/pets/operations/anything", new() { ["displayName"] = "Anything", ["method"] = "*", ["urlTemplate"] = "/*" });
        await Put("apis/pets/operations/anything/policies/policy", Raw(Policy("<set-backend-service backend-id=\"all\" />")));
        await Put("apis/pets/operations/get-pet/policies/policy", Raw(Policy("<include-fragment fragment-id=\"above\" />")));
        await Put("apis/pets/operations/get-pet/tags/red", null);
        await Put("apis/pets/tags/red", null);
        await Put("apis/pets/policies/policy", Raw(Policy("<set-header name=\"x-password\"><value>{{password}}</value></set-header>")));

        // Revision 2 is made from 1 and becomes the current one; 1 stays, with its own policy.
        await Put("apis/pets;rev=2", new() { ["sourceApiId"] = $"{service}/apis/pets", ["path"] = "pets", ["apiRevisionDescription"] = "second" });
        await Put("apis/pets;rev=2/operations/only-in-2", new() { ["displayName"] = "Only in 2", ["method"] = "GET", ["urlTemplate"] = "/two" });
        await Put("apis/pets/releases/second", new() { ["apiId"] = $"{service}/apis/pets;rev=2", ["notes"] = "second" });
        await Put("apis/pets;rev=1/policies/policy", Raw(Policy("<set-header name=\"x-revision\"><value>1</value></set-header>")));
        await Put("apis/pets;rev=3", new() { ["sourceApiId"] = $"{service}/apis/pets", ["path"] = "pets" });

        await Put("apis/bare", new() { ["path"] = "bare", ["displayName"] = "Bare", ["subscriptionRequired"] = false, ["serviceUrl"] = "https://bare.example" });
        await Put("apis/socket", new() { ["path"] = "socket", ["displayName"] = "Socket", ["type"] = "websocket", ["protocols"] = new JsonArray("wss"), ["serviceUrl"] = "wss://socket.example" });
        await Put("apis/graph", new() { ["path"] = "graph", ["displayName"] = "Graph", ["type"] = "graphql", ["serviceUrl"] = "https://graph.example" });
        await Put("apis/graph/schemas/graphql", new()
        {
            ["contentType"] = "application/vnd.ms-azure-apim.graphql.schema",
            ["document"] = new JsonObject { ["value"] = "type Query { pet(id: ID!): String }" },
        });
        foreach (var api in (string[])["pets", "bare", "socket", "graph"])
        {
            await Put($"gateways/{gateway}/apis/{api}", null);
        }

        await Put("products/starter/apis/pets", null);

        Task<JsonObject> Put(string path, JsonObject? properties) => plane.PutAsync($"{service}/{path}", properties);
    }

    public static string Policy(string inbound) =>
        $"<policies>\n  <inbound>\n    <base />\n    {inbound}\n  </inbound>\n  <backend>\n    <base />\n  </backend>\n  <outbound>\n    <base />\n  </outbound>\n  <on-error>\n    <base />\n  </on-error>\n</policies>\n";

    private static JsonObject Raw(string text) => new() { ["format"] = "rawxml", ["value"] = text.Contains("context.RequestId", StringComparison.Ordinal) ? text.Replace("<base />", "", StringComparison.Ordinal) : text };

    private static string Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=api.contoso.example", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(30));
        return Convert.ToBase64String(certificate.Export(X509ContentType.Pkcs12, "pfx-password"));
    }

    private const string Definition = """
        openapi: 3.0.1
        info: { title: Pets, description: "All: of \"them\"", version: "1" }
        servers: [{ url: "https://ignored.example" }]
        paths:
          /pets/{id}:
            get:
              operationId: get-pet
              parameters:
                - { name: id, in: path, required: true, schema: { type: integer } }
                - { name: verbose, in: query, required: true, schema: { type: boolean, default: false } }
                - { name: x-trace, in: header, schema: { type: string, enum: [a, b] } }
              responses:
                "200":
                  description: A pet
                  headers: { x-rate: { schema: { type: integer } } }
                  content: { application/json: { schema: { $ref: "#/components/schemas/Pet" }, example: { id: /17 } } }
          /pets:
            post:
              operationId: create-pet
              requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } } }
              responses: { "201": { description: Made } }
        components:
          schemas:
            Pet: { type: object, properties: { id: { type: string }, name: { type: string, nullable: true } } }
        """;
}

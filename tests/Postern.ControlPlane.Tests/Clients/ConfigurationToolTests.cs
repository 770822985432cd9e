using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Tests.Resources;

namespace Postern.ControlPlane.Tests.Clients;

/// <summary>
/// The requests of APIOps: its token audience, what it extracts, what it publishes. Its own binaries can't be pointed at another cloud;
/// these are their calls, one by one.
/// </summary>
public sealed class ConfigurationToolTests(RunningControlPlane plane)
{
    private static readonly string[] Listed =
        ["workspaces", "policyFragments", "products", "apiVersionSets", "backends", "tags", "loggers", "groups", "gateways", "subscriptions", "namedValues", "diagnostics", "policies", "apis"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_is_published_extracted_and_published_again()
    {
        using var http = new HttpClient(plane.Options.Roots.CreateHandler()) { BaseAddress = plane.Address };
        http.DefaultRequestHeaders.Authorization = new(
            "Bearer", await plane.TokenAsync(RunningControlPlane.OwnerClient, RunningControlPlane.OwnerSecret, "https://management.azure.com//.default"));
        var service = await plane.CreateServiceAsync();

        await PublishAsync(http, service);
        var first = await ExtractAsync(http, service);
        await PublishAsync(http, service);
        var second = await ExtractAsync(http, service);

        Assert.Equal(first, second);
        Assert.Contains("apis/pets/operations/listPets/policies: <policies>", second, StringComparison.Ordinal);
        Assert.Contains("products/starter/apis: pets", second, StringComparison.Ordinal);
        Assert.Contains("gateways/edge/apis: pets", second, StringComparison.Ordinal);
        Assert.Contains("tags/red/apiLinks: pets", second, StringComparison.Ordinal);
        Assert.Contains("specification: openapi: 3.0.1", second, StringComparison.Ordinal);
    }

    private static async Task PublishAsync(HttpClient http, string service)
    {
        await PutAsync("namedValues/host", new() { ["displayName"] = "host", ["value"] = "pets.example" });
        await PutAsync("tags/red", new() { ["displayName"] = "Red" });
        await PutAsync("gateways/edge", new() { ["locationData"] = new JsonObject { ["name"] = "lab" } });
        await PutAsync("policyFragments/common", new() { ["format"] = "rawxml", ["value"] = "<fragment><set-header name=\"a\"><value>b</value></set-header></fragment>" });

        // An API is written twice: bare, then with its definition.
        using (var head = await http.SendAsync(new(HttpMethod.Head, $"{service}/apis/pets?api-version=2024-05-01"), Cancellation))
        {
            Assert.True((int)head.StatusCode is 200 or 404);
        }

        JsonObject Api() => new() { ["path"] = "pets", ["displayName"] = "Pets", ["serviceUrl"] = "https://{{host}}", ["protocols"] = new JsonArray("https") };
        await PutAsync("apis/pets", Api());
        var withDefinition = Api();
        (withDefinition["format"], withDefinition["value"]) = ("openapi", Document);
        await PutAsync("apis/pets", withDefinition);
        await PutAsync("apis/pets/operations/listPets/policies/policy", ScenarioTests.Policy("<include-fragment fragment-id=\"common\" />"));

        // A new product comes with things that the tool takes away again.
        await PutAsync("products/starter", new() { ["displayName"] = "Starter" });
        foreach (var list in (string[])["subscriptions?$filter=endswith(Scope,%20'starter')&", "products/starter/groupLinks?"])
        {
            var items = await http.GetFromJsonAsync<JsonObject>($"{service}/{list}api-version=2024-05-01", Cancellation);
            foreach (var item in items!["value"]!.AsArray())
            {
                using var deleted = await http.DeleteAsync($"{(string)item!["id"]!}?api-version=2024-05-01", Cancellation);
                Assert.True(deleted.IsSuccessStatusCode);
            }
        }

        await PutAsync("products/starter/apis/pets", null);
        await PutAsync("gateways/edge/apis/pets", null);
        await PutAsync("apis/pets/tags/red", null);

        async Task PutAsync(string path, JsonObject? properties)
        {
            var body = properties is null ? [] : new JsonObject { ["properties"] = properties };
            using var response = await http.PutAsJsonAsync($"{service}/{path}?api-version=2024-05-01", body, Cancellation);
            Assert.True((int)response.StatusCode is 200 or 201, $"{path}: {await response.Content.ReadAsStringAsync(Cancellation)}");
        }
    }

    /// <returns>What an extract would write to files, as one text.</returns>
    private async Task<string> ExtractAsync(HttpClient http, string service)
    {
        var lines = new List<string>();
        foreach (var collection in Listed)
        {
            lines.Add($"{collection}: {string.Join(' ', await NamesAsync(collection))}");
        }

        foreach (var (path, items) in new Dictionary<string, string>
        {
            ["apis/pets/operations"] = "name",
            ["apis/pets/diagnostics"] = "name",
            ["apis/pets/releases"] = "name",
            ["products/starter/apis"] = "name",
            ["products/starter/groupLinks"] = "groupId",
            ["products/starter/policies"] = "name",
            ["gateways/edge/apis"] = "name",
            ["tags/red/apiLinks"] = "apiId",
            ["tags/red/productLinks"] = "productId",
        })
        {
            lines.Add($"{path}: {string.Join(' ', await NamesAsync(path, items))}");
        }

        foreach (var path in (string[])["policies/policy", "policyFragments/common", "apis/pets/operations/listPets/policies/policy"])
        {
            var policy = await http.GetFromJsonAsync<JsonObject>($"{service}/{path}?format=rawxml&api-version=2024-05-01", Cancellation);
            lines.Add($"{path.Replace("/policies/policy", "/policies", StringComparison.Ordinal)}: {(string?)policy!["properties"]!["value"]}");
        }

        var export = await http.GetFromJsonAsync<JsonObject>($"{service}/apis/pets?format=openapi-link&export=True&api-version=2024-05-01", Cancellation);
        lines.Add($"specification: {await plane.Anonymous.GetStringAsync((string)export!["value"]!["link"]!, Cancellation)}");
        return string.Join('\n', lines);

        async Task<IEnumerable<string>> NamesAsync(string path, string member = "name")
        {
            var names = new List<string>();
            for (var next = $"{plane.Address.AbsoluteUri.TrimEnd('/')}{service}/{path}?api-version=2024-05-01"; next is not null;)
            {
                var page = (await http.GetFromJsonAsync<JsonObject>(next, Cancellation))!;
                names.AddRange(page["value"]!.AsArray().Select(item => ((string)(member == "name" ? item![member] : item!["properties"]![member])!).Split('/')[^1]));
                next = (string?)page["nextLink"];
            }

            return names;
        }
    }

    private const string Document = """
        openapi: 3.0.1
        info: { title: Ignored, version: "1" }
        paths: { /pets: { get: { operationId: listPets, responses: { "200": { description: pets } } } } }
        """;
}

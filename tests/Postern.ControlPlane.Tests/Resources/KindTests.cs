using System.Globalization;
using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Tests.Resources;

/// <summary>What kinds do beyond being stored.</summary>
public class KindTests(RunningControlPlane plane)
{
    private const string Document = """
        {"openapi":"3.0.1","info":{"title":"Orders","version":"1.0","description":"All orders"},"servers":[{"url":"https://orders.example"}],
         "paths":{"/orders/{id}":{"get":{"operationId":"getOrder","summary":"Get an order","parameters":[
           {"name":"id","in":"path","required":true,"schema":{"type":"integer"}},{"name":"expand","in":"query","required":true,"schema":{"type":"string","enum":["a","no"]}},
           {"name":"page","in":"query","schema":{"type":"integer","default":1}}],
           "responses":{"200":{"description":"An order","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Order"}}}}}}}},
         "components":{"schemas":{"Order":{"type":"object","properties":{"yes":{"type":"string"}}}}}}
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_release_makes_a_revision_current_with_its_operations_and_policies()
    {
        var service = await plane.CreateServiceAsync();
        var api = $"{service}/apis/echo";
        await plane.PutPropertiesAsync(api, Api("echo"));
        await plane.PutPropertiesAsync($"{api}/operations/one", Operation("one"));
        await plane.PutPropertiesAsync($"{api}/policies/policy", ScenarioTests.Policy("<set-header name=\"v\"><value>1</value></set-header>"));
        await plane.PutPropertiesAsync($"{api};rev=2", new() { ["sourceApiId"] = api, ["apiRevisionDescription"] = "second" });
        await plane.PutPropertiesAsync($"{api};rev=2/operations/two", Operation("two"));
        await plane.PutPropertiesAsync($"{api};rev=2/policies/policy", ScenarioTests.Policy("<set-header name=\"v\"><value>2</value></set-header>"));

        await plane.PutPropertiesAsync($"{api}/releases/r1", new() { ["apiId"] = $"{api};rev=2", ["notes"] = "out with it" });

        var (_, current) = await plane.GetAsync(api);
        var (_, former) = await plane.GetAsync($"{api};rev=1");
        var (_, alias) = await plane.GetAsync($"{api}%3Brev%3D2");
        Assert.Equal(("2", true), ((string?)current["properties"]!["apiRevision"], (bool)current["properties"]!["isCurrent"]!));
        Assert.Equal(("1", false), ((string?)former["properties"]!["apiRevision"], (bool)former["properties"]!["isCurrent"]!));
        Assert.Equal((string?)current["id"], (string?)alias["id"]);
        Assert.Equal(["one", "two"], ArmProtocolTests.Names((await plane.GetAsync($"{api}/operations")).Body));
        Assert.Equal(["one"], ArmProtocolTests.Names((await plane.GetAsync($"{api};rev=1/operations")).Body));
        Assert.Contains("<value>2</value>", (string?)(await plane.GetAsync($"{api}/policies/policy")).Body["properties"]!["value"], StringComparison.Ordinal);
        Assert.Equal(200, (await plane.GetAsync($"{api}/releases/r1")).Status);
        Assert.Equal(2, (int)(await plane.GetAsync($"{api}/revisions")).Body["count"]!);
    }

    [Fact]
    public async Task An_API_with_other_revisions_is_deleted_only_with_all_of_them()
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/apis/echo", Api("echo"));
        await plane.PutPropertiesAsync($"{service}/apis/echo;rev=2", new() { ["sourceApiId"] = "/apis/echo" });

        var (refused, _) = await plane.SendAsync(HttpMethod.Delete, $"{service}/apis/echo", ifMatch: "*");
        var (deleted, _) = await plane.SendAsync(HttpMethod.Delete, $"{service}/apis/echo?deleteRevisions=true", ifMatch: "*");

        Assert.Equal((400, 204), (refused, deleted));
        Assert.Equal(0, (int)(await plane.GetAsync($"{service}/apis")).Body["count"]!);
    }

    [Fact]
    public async Task Two_APIs_can_not_answer_at_the_same_path_unless_a_version_set_tells_them_apart()
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/apiVersionSets/set", new() { ["displayName"] = "Set", ["versioningScheme"] = "Segment" });
        await plane.PutPropertiesAsync($"{service}/apis/a", Api("same"));
        JsonObject Version(string version) => new()
        {
            ["displayName"] = version,
            ["path"] = "versioned",
            ["apiVersion"] = version,
            ["apiVersionSetId"] = "/apiVersionSets/set",
        };

        var (clash, error) = await plane.PutAsync($"{service}/apis/b", new() { ["properties"] = Api("SAME") });
        await plane.PutPropertiesAsync($"{service}/apis/v1", Version("v1"));
        var second = await plane.PutPropertiesAsync($"{service}/apis/v2", Version("v2"));
        await plane.SendAsync(HttpMethod.Delete, $"{service}/apis/a", ifMatch: "*");
        var (free, _) = await plane.PutAsync($"{service}/apis/b", new() { ["properties"] = Api("same") });

        Assert.Equal((400, 201), (clash, free));
        Assert.Equal("path", (string?)error["error"]!["details"]![0]!["target"]);
        Assert.Equal($"{service}/apiVersionSets/set", (string?)second["properties"]!["apiVersionSetId"]);
    }

    [Theory]
    [InlineData("openapi-link")]
    [InlineData("openapi+json-link")]
    [InlineData("swagger-link")]
    public async Task An_exported_API_can_be_imported_again_through_a_link_without_a_token(string format)
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutAsync($"{service}/apis/one", new() { ["properties"] = new JsonObject { ["path"] = "one", ["format"] = "openapi+json", ["value"] = Document } });

        var (_, export) = await plane.GetAsync($"{service}/apis/one?export=True&format={Uri.EscapeDataString(format)}");
        var link = (string)export["value"]!["link"]!;
        var text = await plane.Anonymous.GetStringAsync(link, Cancellation);
        var (status, again) = await plane.PutAsync($"{service}/apis/two", new()
        {
            ["properties"] = new JsonObject { ["path"] = "two", ["format"] = format == "swagger-link" ? "swagger-json" : "openapi", ["value"] = text },
        });
        var (_, operation) = await plane.GetAsync($"{service}/apis/two/operations/getOrder");
        var (_, original) = await plane.GetAsync($"{service}/apis/one/operations/getOrder");

        Assert.Equal(201, status);
        Assert.Equal("Orders", (string?)again["properties"]!["displayName"]);
        Assert.Equal("/orders/{id}?expand={expand}", (string?)operation["properties"]!["urlTemplate"]);
        Assert.True(JsonNode.DeepEquals(original["properties"]!["templateParameters"], operation["properties"]!["templateParameters"]), operation.ToJsonString());
        Assert.Equal("Order", (string?)operation["properties"]!["responses"]![0]!["representations"]![0]!["typeName"]);
    }

    [Fact]
    public async Task Named_examples_of_a_definition_are_imported_and_exported()
    {
        const string Text = """
            {"openapi":"3.0.1","info":{"title":"Orders","version":"1"},"paths":{"/a":{"get":{"operationId":"a","responses":{"200":{"description":"ok",
            "content":{"application/json":{"examples":{"small":{"value":{"id":1}},"linked":{"externalValue":"http://x.example/"},"large":{"value":{"id":2}}}}}}}}}}}
            """;
        var service = await plane.CreateServiceAsync();
        await plane.PutAsync($"{service}/apis/one", new() { ["properties"] = new JsonObject { ["path"] = "one", ["format"] = "openapi+json", ["value"] = Text } });

        var (_, operation) = await plane.GetAsync($"{service}/apis/one/operations/a");
        var (_, export) = await plane.GetAsync($"{service}/apis/one?export=true&format=openapi%2Bjson-link");
        var exported = JsonNode.Parse(await plane.Anonymous.GetStringAsync((string)export["value"]!["link"]!, Cancellation));

        const string Expected = """{"small":{"value":{"id":1}},"large":{"value":{"id":2}}}""";
        Assert.Equal(Expected, operation["properties"]!["responses"]![0]!["representations"]![0]!["examples"]?.ToJsonString());
        Assert.Equal(Expected, exported!["paths"]!["/a"]!["get"]!["responses"]!["200"]!["content"]!["application/json"]!["examples"]?.ToJsonString());
    }

    [Fact]
    public async Task A_forged_export_link_leads_nowhere()
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/apis/one", Api("one"));
        var (_, export) = await plane.GetAsync($"{service}/apis/one?export=true&format=openapi-link");
        var link = (string)export["value"]!["link"]!;
        var flipped = link[^1] == 'A' ? 'B' : 'A';

        using var forged = await plane.Anonymous.GetAsync(link[..^1] + flipped, Cancellation);
        using var nonsense = await plane.Anonymous.GetAsync(new Uri(plane.Address, "/exports/!!"), Cancellation);

        Assert.Equal((404, 404), ((int)forged.StatusCode, (int)nonsense.StatusCode));
    }

    [Fact]
    public async Task Associations_and_links_are_two_views_of_one_relation()
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/apis/echo", Api("echo"));
        await plane.PutPropertiesAsync($"{service}/products/p", new() { ["displayName"] = "P" });
        await plane.PutAsync($"{service}/products/p/apis/echo", []);

        var (_, links) = await plane.GetAsync($"{service}/products/p/apiLinks");
        var (_, groups) = await plane.GetAsync($"{service}/products/p/groupLinks");
        var (unlinked, _) = await plane.SendAsync(HttpMethod.Delete, ((string)links["value"]![0]!["id"]!));
        var (_, apis) = await plane.GetAsync($"{service}/products/p/apis");
        await plane.PutPropertiesAsync($"{service}/products/p/apiLinks/mine", new() { ["apiId"] = "/apis/echo" });
        var (_, products) = await plane.GetAsync($"{service}/apis/echo/products");

        Assert.Equal($"{service}/apis/echo", (string?)links["value"]![0]!["properties"]!["apiId"]);
        Assert.Equal($"{service}/groups/administrators", (string?)groups["value"]![0]!["properties"]!["groupId"]);
        Assert.Equal((200, 0), (unlinked, (int)apis["count"]!));
        Assert.Equal(["p"], ArmProtocolTests.Names(products));
        await plane.SendAsync(HttpMethod.Delete, $"{service}/products/p/apis/echo");
        Assert.Equal(404, (await plane.GetAsync($"{service}/products/p/apiLinks/mine")).Status);
    }

    [Fact]
    public async Task Tags_are_assigned_listed_and_go_with_what_they_are_on()
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/apis/echo", Api("echo"));
        await plane.PutPropertiesAsync($"{service}/apis/echo/operations/one", Operation("one"));
        await plane.PutPropertiesAsync($"{service}/tags/red", new() { ["displayName"] = "Red" });

        var (created, tag) = await plane.PutAsync($"{service}/apis/echo/tags/red", []);
        await plane.PutAsync($"{service}/apis/echo/operations/one/tags/red", []);
        var (_, links) = await plane.GetAsync($"{service}/tags/red/apiLinks");
        var (_, operations) = await plane.GetAsync($"{service}/tags/red/operationLinks");
        var (_, tagged) = await plane.GetAsync($"{service}/tagResources");
        await plane.SendAsync(HttpMethod.Delete, $"{service}/apis/echo", ifMatch: "*");

        Assert.Equal((201, "Red"), (created, (string?)tag["properties"]!["displayName"]));
        Assert.Equal($"{service}/apis/echo", (string?)links["value"]![0]!["properties"]!["apiId"]);
        Assert.Equal($"{service}/apis/echo/operations/one", (string?)operations["value"]![0]!["properties"]!["operationId"]);
        Assert.Equal(2, (int)tagged["count"]!);
        Assert.Equal(0, (int)(await plane.GetAsync($"{service}/tags/red/apiLinks")).Body["count"]!);
        Assert.Equal(0, (int)(await plane.GetAsync($"{service}/tags/red/operationLinks")).Body["count"]!);
    }

    [Fact]
    public async Task What_is_in_use_is_not_deleted()
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/namedValues/n", new() { ["displayName"] = "n", ["value"] = "v" });
        await plane.PutPropertiesAsync($"{service}/policyFragments/f", new() { ["format"] = "rawxml", ["value"] = "<fragment><set-header name=\"x\"><value>{{n}}</value></set-header></fragment>" });
        await plane.PutPropertiesAsync($"{service}/policies/policy", ScenarioTests.Policy("<include-fragment fragment-id=\"f\" />").Without("<base />"));
        await plane.PutPropertiesAsync($"{service}/products/p", new() { ["displayName"] = "P" });
        await plane.PutPropertiesAsync($"{service}/subscriptions/s", new() { ["displayName"] = "s", ["scope"] = "/products/p" });

        foreach (var path in (string[])["namedValues/n", "policyFragments/f", "products/p", "groups/guests", "users/1", "subscriptions/master"])
        {
            Assert.Equal((path, 400), (path, (await plane.SendAsync(HttpMethod.Delete, $"{service}/{path}", ifMatch: "*")).Status));
        }

        var (_, references) = await plane.SendAsync(HttpMethod.Post, $"{service}/policyFragments/f/listReferences");
        Assert.Equal($"{service}/policies/policy", (string?)references["value"]![0]!["id"]);
        Assert.Equal(200, (await plane.SendAsync(HttpMethod.Delete, $"{service}/products/p?deleteSubscriptions=true", ifMatch: "*")).Status);
        Assert.Equal(404, (await plane.GetAsync($"{service}/subscriptions/s")).Status);
    }

    [Fact]
    public async Task Credentials_of_loggers_and_caches_become_secret_named_values()
    {
        var service = await plane.CreateServiceAsync();
        var logger = await plane.PutPropertiesAsync($"{service}/loggers/l", new()
        {
            ["loggerType"] = "applicationInsights",
            ["credentials"] = new JsonObject { ["instrumentationKey"] = "the-key" },
        });

        var reference = (string)logger["properties"]!["credentials"]!["instrumentationKey"]!;
        var (_, values) = await plane.GetAsync($"{service}/namedValues?$filter={Uri.EscapeDataString($"displayName eq '{reference.Trim('{', '}')}'")}");
        var (_, secret) = await plane.SendAsync(HttpMethod.Post, $"{(string)values["value"]![0]!["id"]!}/listValue");

        Assert.StartsWith("{{", reference, StringComparison.Ordinal);
        Assert.True((bool)values["value"]![0]!["properties"]!["secret"]!);
        Assert.Equal("the-key", (string?)secret["value"]);
    }

    [Fact]
    public async Task Thirty_two_clients_that_read_edit_and_write_with_ETags_lose_nothing()
    {
        var product = $"{await plane.CreateServiceAsync()}/products/counter";
        await plane.PutPropertiesAsync(product, new() { ["displayName"] = "counter", ["terms"] = "0" });

        await Task.WhenAll(Enumerable.Range(0, 32).Select(async _ =>
        {
            while (true)
            {
                using var read = await plane.RespondAsync(HttpMethod.Get, product);
                var body = (JsonObject)JsonNode.Parse(await read.Content.ReadAsStringAsync(Cancellation))!;
                var terms = int.Parse((string)body["properties"]!["terms"]!, CultureInfo.InvariantCulture) + 1;
                var (status, _) = await plane.SendAsync(
                    HttpMethod.Patch, product, new() { ["properties"] = new JsonObject { ["terms"] = terms.ToString(CultureInfo.InvariantCulture) } }, read.Headers.ETag!.Tag);
                if (status == 200)
                {
                    return;
                }

                Assert.Equal(412, status);
            }
        }));

        Assert.Equal("32", (string?)(await plane.GetAsync(product)).Body["properties"]!["terms"]);
    }

    [Fact]
    public async Task Every_collection_that_a_configuration_extractor_lists_is_there_and_empty_in_a_new_service()
    {
        var service = await plane.CreateServiceAsync();
        string[] builtIn = ["groups", "subscriptions", "policies"];

        foreach (var collection in (string[])["workspaces", "policyFragments", "products", "apiVersionSets", "backends", "tags", "loggers", "groups", "gateways",
            "subscriptions", "namedValues", "diagnostics", "policies", "apis", "schemas", "certificates", "caches"])
        {
            var (status, body) = await plane.GetAsync($"{service}/{collection}");

            Assert.Equal((collection, 200), (collection, status));
            Assert.Equal((collection, builtIn.Contains(collection)), (collection, body["value"]!.AsArray().Count > 0));
        }
    }

    internal static JsonObject Api(string path) => new() { ["displayName"] = path, ["path"] = path, ["serviceUrl"] = "https://backend.example" };

    internal static JsonObject Operation(string name) => new() { ["displayName"] = name, ["method"] = "GET", ["urlTemplate"] = "/" + name };
}

internal static class PolicyBodies
{
    /// <summary>The same policy without an element: the global policy has nothing above it to include.</summary>
    public static JsonObject Without(this JsonObject policy, string element)
    {
        policy["value"] = ((string)policy["value"]!).Replace(element, "", StringComparison.Ordinal).Replace("<backend></backend>", "<backend><forward-request /></backend>", StringComparison.Ordinal);
        return policy;
    }
}

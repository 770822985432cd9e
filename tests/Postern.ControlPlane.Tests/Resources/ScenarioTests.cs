using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Postern.Snapshots;

namespace Postern.ControlPlane.Tests.Resources;

/// <summary>The main scenario's resources, through the management API and out again as snapshots.</summary>
public class ScenarioTests(RunningControlPlane plane)
{
    private const string Petstore = """
        openapi: 3.0.3
        info: { title: Petstore, version: "1", description: All about pets }
        servers: [{ url: "https://pets.example/v1/" }]
        paths:
          /pets:
            get:
              operationId: listPets
              summary: List all pets
              parameters:
                - { name: limit, in: query, required: true, schema: { type: integer, default: 10 } }
                - { name: page, in: query, schema: { type: integer } }
              responses:
                "200": { description: Pets, content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } } }
            post:
              summary: Create a pet
              requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } } }
              responses: { "201": { description: Created } }
          /pets/{petId}:
            parameters: [{ name: petId, in: path, required: true, schema: { type: string } }]
            get: { operationId: showPet, responses: { "200": { description: One } } }
        components:
          schemas: { Pet: { type: object, properties: { name: { type: string } } } }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_API_imported_from_OpenAPI_has_the_documents_operations_and_the_products_defaults()
    {
        var api = $"{await plane.CreateServiceAsync()}/apis/pets";

        var (status, body) = await plane.PutAsync(api, Import(Petstore));
        var (_, list) = await plane.GetAsync($"{api}/operations");
        var (_, operation) = await plane.GetAsync($"{api}/operations/listPets");

        Assert.Equal(201, status);
        var properties = body["properties"]!;
        Assert.Equal(("Petstore", "https://pets.example/v1", "pets", "1"),
            ((string?)properties["displayName"], (string?)properties["serviceUrl"], (string?)properties["path"], (string?)properties["apiRevision"]));
        Assert.True((bool)properties["subscriptionRequired"]!);
        Assert.Equal("https", (string?)properties["protocols"]![0]);
        Assert.Equal("Ocp-Apim-Subscription-Key", (string?)properties["subscriptionKeyParameterNames"]!["header"]);
        Assert.Null(properties["value"]);
        Assert.Equal(3, (int)list["count"]!);
        Assert.Equal("/pets?limit={limit}", (string?)operation["properties"]!["urlTemplate"]);
        Assert.Equal("page", (string?)operation["properties"]!["request"]!["queryParameters"]![0]!["name"]);
        Assert.Equal("Pet", (string?)operation["properties"]!["responses"]![0]!["representations"]![0]!["typeName"]);
    }

    [Fact]
    public async Task Importing_again_replaces_operations_and_keeps_the_policies_of_those_that_stay()
    {
        var api = $"{await plane.CreateServiceAsync()}/apis/pets";
        await plane.PutAsync(api, Import(Petstore));
        await plane.PutPropertiesAsync($"{api}/operations/listPets/policies/policy", Policy("<set-header name=\"x\"><value>1</value></set-header>"));

        var (status, _) = await plane.PutAsync(api, Import(Petstore.Replace("operationId: showPet", "operationId: readPet", StringComparison.Ordinal)));
        var (_, list) = await plane.GetAsync($"{api}/operations");

        Assert.Equal(200, status);
        Assert.Contains("readPet", ArmProtocolTests.Names(list));
        Assert.DoesNotContain("showPet", ArmProtocolTests.Names(list));
        Assert.Equal(200, (await plane.GetAsync($"{api}/operations/listPets/policies/policy")).Status);
    }

    [Theory]
    [InlineData("openapi+json", "{ \"openapi\": \"3.0.0\", ", "line 1")]
    [InlineData("openapi", "openapi: 3.0.0\n  paths: [", "Line 2")]
    [InlineData("openapi", "just: text", "OpenAPI")]
    [InlineData("clay-tablet", "x", "format")]
    public async Task A_definition_that_can_not_be_read_changes_nothing_and_says_why(string format, string value, string expected)
    {
        var api = $"{await plane.CreateServiceAsync()}/apis/bad";

        var (status, body) = await plane.PutAsync(api, new() { ["properties"] = new JsonObject { ["path"] = "bad", ["format"] = format, ["value"] = value } });

        Assert.Equal(400, status);
        Assert.Contains(expected, body.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(404, (await plane.GetAsync(api)).Status);
    }

    [Fact]
    public async Task A_broken_policy_is_refused_with_id_line_and_column_and_the_old_one_stays()
    {
        var service = await plane.CreateServiceAsync();
        var policy = $"{service}/policies/policy";
        var (_, before) = await plane.GetAsync(policy);

        var (status, body) = await plane.PutAsync(policy, new()
        {
            ["properties"] = new JsonObject
            {
                ["format"] = "rawxml",
                ["value"] = "<policies>\n  <inbound>\n    <set-variable name=\"v\" value=\"@(context.Nonsense)\" />\n  </inbound>\n</policies>",
            },
        });

        Assert.Equal(400, status);
        var detail = body["error"]!["details"]![0]!;
        Assert.Equal("ValidationError", (string?)body["error"]!["code"]);
        Assert.StartsWith("P1", (string?)detail["diagnostic"], StringComparison.Ordinal);
        Assert.Equal(3, (int)detail["line"]!);
        Assert.True((int)detail["column"]! > 0);
        Assert.Equal((string?)before["properties"]!["value"], (string?)(await plane.GetAsync(policy)).Body["properties"]!["value"]);
    }

    [Fact]
    public async Task All_problems_of_a_document_are_answered_at_once_each_with_its_place()
    {
        var service = await plane.CreateServiceAsync();
        var (status, body) = await plane.PutAsync($"{service}/policies/policy", new()
        {
            ["properties"] = new JsonObject
            {
                ["format"] = "rawxml",
                ["value"] = """
                    <policies>
                      <inbound>
                        <set-header />
                        <set-variable name="v" value="@(context.Nonsense)" wrong="w" />
                        <include-fragment fragment-id="none" />
                      </inbound>
                      <outbound><rate-limit calls="x" renewal-period="10" /></outbound>
                    </policies>
                    """.ReplaceLineEndings("\n"),
            },
        });

        Assert.Equal((400, "ValidationError"), (status, (string?)body["error"]!["code"]));
        Assert.Equal(
            ["inbound\\set-header[1]", "inbound\\set-variable[1]", "inbound\\set-variable[1]", "inbound\\include-fragment[1]", .. Enumerable.Repeat("outbound\\rate-limit[1]", 3)],
            body["error"]!["details"]!.AsArray().Select(detail => (string?)detail!["path"]));
        Assert.Equal(
            ["3:5 P110 set-header", "4:45 P120 set-variable", "4:56 P109 set-variable", "5:5 P116 include-fragment", "7:13 P115 rate-limit", "7:13 P126 rate-limit", "7:25 P111 rate-limit"],
            body["error"]!["details"]!.AsArray().Select(detail => $"{detail!["line"]}:{detail["column"]} {detail["diagnostic"]} {detail["target"]}"));
        Assert.All(body["error"]!["details"]!.AsArray(), detail =>
        {
            Assert.Equal("ValidationError", (string?)detail!["code"]);
            Assert.EndsWith($"({detail["diagnostic"]}, {detail["path"]})", (string?)detail["message"], StringComparison.Ordinal);
            Assert.StartsWith($"Error in element '{detail["target"]}' on line {detail["line"]}, column {detail["column"]}: ", (string?)detail["message"], StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Fragments_include_fragments_but_a_write_that_would_close_a_circle_is_refused()
    {
        var service = await plane.CreateServiceAsync();
        Assert.Equal("a → a", await ChainAsync("a", "a"));
        await PutAsync("c", null);
        await PutAsync("b", "c");
        await PutAsync("a", "b");
        await plane.PutPropertiesAsync($"{service}/policies/policy", Policy("<include-fragment fragment-id=\"A\" />").Without("<base />"));

        Assert.Equal("c → A → b → c", await ChainAsync("c", "A"));
        Assert.Equal("<fragment></fragment>", (string?)(await plane.GetAsync($"{service}/policyFragments/c")).Body["properties"]!["value"]);
        Assert.Equal(400, (await plane.SendAsync(HttpMethod.Delete, $"{service}/policyFragments/c", ifMatch: "*")).Status);
        var (_, references) = await plane.SendAsync(HttpMethod.Post, $"{service}/policyFragments/c/listReferences");
        Assert.Equal([$"{service}/policyFragments/b"], references["value"]!.AsArray().Select(item => (string?)item!["id"]));

        // The circle is gone with the include that would have closed it.
        await PutAsync("b", null);
        await PutAsync("c", "a");

        async Task PutAsync(string id, string? included) => await plane.PutPropertiesAsync($"{service}/policyFragments/{id}", new() { ["value"] = Text(included) });

        async Task<string> ChainAsync(string id, string included)
        {
            var (status, body) = await plane.PutAsync($"{service}/policyFragments/{id}", new() { ["properties"] = new JsonObject { ["value"] = Text(included) } });
            Assert.Equal((400, "ValidationError"), (status, (string?)body["error"]!["code"]));
            var detail = Assert.Single(body["error"]!["details"]!.AsArray())!;
            Assert.Equal(("P117", 1, 11), ((string?)detail["diagnostic"], (int)detail["line"]!, (int)detail["column"]!));
            var message = (string)detail["message"]!;
            return message[(message.IndexOf("circle: ", StringComparison.Ordinal) + 8)..message.LastIndexOf(". (P117", StringComparison.Ordinal)];
        }

        static string Text(string? included) => included is null ? "<fragment></fragment>" : $"<fragment><include-fragment fragment-id=\"{included}\" /></fragment>";
    }

    [Fact]
    public async Task A_policy_written_raw_is_read_escaped_or_raw_as_asked()
    {
        var service = await plane.CreateServiceAsync();
        const string raw = "<policies><inbound><set-header name=\"x\"><value>@(context.Request.Method == \"GET\" && 1 < 2 ? \"a\" : \"b\")</value></set-header></inbound></policies>";
        await plane.PutPropertiesAsync($"{service}/policies/policy", new() { ["format"] = "rawxml", ["value"] = raw });

        var (_, asXml) = await plane.GetAsync($"{service}/policies/policy");
        var (_, asRaw) = await plane.GetAsync($"{service}/policies/policy?format=rawxml");

        Assert.Contains("&amp;&amp; 1 &lt; 2", (string?)asXml["properties"]!["value"], StringComparison.Ordinal);
        Assert.Equal(raw, (string?)asRaw["properties"]!["value"]);
        Assert.Equal("rawxml", (string?)asRaw["properties"]!["format"]);
    }

    [Fact]
    public async Task A_policy_written_raw_with_escaped_expressions_is_escaped_once()
    {
        var service = await plane.CreateServiceAsync();
        const string raw = "<policies><inbound><choose><when condition=\"@(1 &lt; 2 &amp;&amp; &quot;a&quot; != \"x\")\"><set-method>@(\"GET\")</set-method></when></choose></inbound></policies>";
        await plane.PutPropertiesAsync($"{service}/policies/policy", new() { ["format"] = "rawxml", ["value"] = raw });

        var (_, asXml) = await plane.GetAsync($"{service}/policies/policy");

        Assert.Contains("@(1 &lt; 2 &amp;&amp; &quot;a&quot; != &quot;x&quot;)\">", (string?)asXml["properties"]!["value"], StringComparison.Ordinal);
        Assert.Contains("@(&quot;GET&quot;)<", (string?)asXml["properties"]!["value"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_come_back_only_through_their_list_calls()
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/namedValues/n", new() { ["displayName"] = "n", ["value"] = "s3cret-value", ["secret"] = true });
        await plane.PutPropertiesAsync($"{service}/subscriptions/s", new() { ["displayName"] = "s", ["scope"] = "/apis", ["primaryKey"] = "primary-s3cret" });
        await plane.PutPropertiesAsync($"{service}/gateways/g", []);

        var reads = string.Concat(await Task.WhenAll(((string[])["namedValues/n", "namedValues", "subscriptions/s", "subscriptions", "gateways/g", "gateways"])
            .Select(async path => (await plane.GetAsync($"{service}/{path}")).Body.ToJsonString())));
        var (_, value) = await plane.SendAsync(HttpMethod.Post, $"{service}/namedValues/n/listValue");
        var (_, keys) = await plane.SendAsync(HttpMethod.Post, $"{service}/subscriptions/s/listSecrets");
        var (_, gateway) = await plane.SendAsync(HttpMethod.Post, $"{service}/gateways/g/listKeys");

        Assert.DoesNotContain("s3cret", reads, StringComparison.Ordinal);
        Assert.DoesNotContain("sealed", reads, StringComparison.Ordinal);
        Assert.DoesNotContain("Key\":", reads, StringComparison.Ordinal);
        Assert.Equal("s3cret-value", (string?)value["value"]);
        Assert.Equal("primary-s3cret", (string?)keys["primaryKey"]);
        Assert.Equal(32, ((string)keys["secondaryKey"]!).Length);
        Assert.NotEqual((string?)gateway["primary"], (string?)gateway["secondary"]);
    }

    [Fact]
    public async Task A_secret_survives_a_read_edit_write_that_does_not_know_it()
    {
        var service = await plane.CreateServiceAsync();
        var id = $"{service}/namedValues/n";
        var shown = await plane.PutPropertiesAsync(id, new() { ["displayName"] = "n", ["value"] = "s3cret-value", ["secret"] = true });
        ((JsonObject)shown["properties"]!)["tags"] = new JsonArray("edited");

        var (status, _) = await plane.PutAsync(id, shown);
        var (off, _) = await plane.SendAsync(HttpMethod.Patch, id, new() { ["properties"] = new JsonObject { ["secret"] = false } }, ifMatch: "*");
        var (_, value) = await plane.SendAsync(HttpMethod.Post, $"{id}/listValue");

        Assert.Equal(200, status);
        Assert.Equal(400, off);
        Assert.Equal("s3cret-value", (string?)value["value"]);
    }

    [Fact]
    public async Task Two_subscriptions_can_not_share_a_key_and_regenerating_frees_the_old_one()
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/subscriptions/a", new() { ["displayName"] = "a", ["scope"] = "/apis", ["primaryKey"] = "same-key" });
        JsonObject Second() => new() { ["properties"] = new JsonObject { ["displayName"] = "b", ["scope"] = "/apis", ["secondaryKey"] = "same-key" } };

        var (clash, error) = await plane.PutAsync($"{service}/subscriptions/b", Second());
        var (regenerated, _) = await plane.SendAsync(HttpMethod.Post, $"{service}/subscriptions/a/regeneratePrimaryKey");
        var (free, _) = await plane.PutAsync($"{service}/subscriptions/b", Second());

        Assert.Equal((400, 204, 201), (clash, regenerated, free));
        Assert.Equal("secondaryKey", (string?)error["error"]!["details"]![0]!["target"]);
    }

    [Fact]
    public async Task A_gateway_gets_its_APIs_and_what_they_need_and_nothing_of_other_gateways()
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutAsync($"{service}/apis/pets", Import(Petstore));
        await plane.PutAsync($"{service}/apis/other", Import(Petstore, "other"));
        await plane.PutPropertiesAsync($"{service}/namedValues/used", new() { ["displayName"] = "used", ["value"] = "used-secret", ["secret"] = true });
        await plane.PutPropertiesAsync($"{service}/namedValues/unused", new() { ["displayName"] = "unused", ["value"] = "unused-secret", ["secret"] = true });
        await plane.PutPropertiesAsync($"{service}/apis/pets/policies/policy", Policy("<set-header name=\"x\"><value>{{used}}</value></set-header>"));
        await plane.PutPropertiesAsync($"{service}/products/starter", new() { ["displayName"] = "Starter" });
        await plane.PutAsync($"{service}/products/starter/apis/pets", []);
        await plane.PutAsync($"{service}/products/starter/apis/other", []);
        await plane.PutPropertiesAsync($"{service}/subscriptions/mine", new() { ["displayName"] = "m", ["scope"] = "/products/starter", ["ownerId"] = "/users/1", ["state"] = "active" });
        await plane.PutPropertiesAsync($"{service}/subscriptions/theirs", new() { ["displayName"] = "t", ["scope"] = "/apis/other", ["state"] = "active" });
        await plane.PutPropertiesAsync($"{service}/gateways/g", new() { ["locationData"] = new JsonObject { ["name"] = "lab" } });
        await plane.PutAsync($"{service}/gateways/g/apis/pets", []);

        var snapshot = await SnapshotAsync(service, "g");

        Assert.Equal(
            [
                "apis/pets", "debugCredentials", "namedValues/used", "policies/apis/pets", "policies/global", "products/starter", "service", "subscriptions/master",
                "subscriptions/mine", "users/1",
            ],
            snapshot.Entities.Select(entity => entity.Key));
        Assert.Equal(["pets"], snapshot.Entities.OfType<ProductSnapshot>().Single().ApiIds);
        Assert.Equal("used-secret", snapshot.Entities.OfType<NamedValueSnapshot>().Single().Value);
        Assert.Equal("products/starter", snapshot.Entities.OfType<SubscriptionSnapshot>().Single(subscription => subscription.Id == "mine").Scope);
        Assert.Equal("lab", snapshot.Entities.OfType<ServiceSnapshot>().Single().Region);
        Assert.Equal(snapshot.Hash, SnapshotHash.OfSet(snapshot.Entities.Select(entity => KeyValuePair.Create(entity.Key, SnapshotHash.Of(entity)))));
        Assert.Equal(["service", "policies/global", "debugCredentials"], (await SnapshotAsync(service, "none", make: true)).Entities.Where(entity => entity is not SubscriptionSnapshot).Select(entity => entity.Key).OrderDescending(StringComparer.Ordinal));
    }

    internal static JsonObject Import(string document, string path = "pets") => new()
    {
        ["properties"] = new JsonObject { ["path"] = path, ["format"] = "openapi", ["value"] = document },
    };

    internal static JsonObject Policy(string inbound) => new()
    {
        ["format"] = "rawxml",
        ["value"] = $"<policies><inbound><base />{inbound}</inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>",
    };

    /// <summary>As a gateway gets it, with a token made from its key.</summary>
    private async Task<Snapshot> SnapshotAsync(string service, string gateway, bool make = false)
    {
        if (make)
        {
            await plane.PutPropertiesAsync($"{service}/gateways/{gateway}", []);
        }

        var (_, token) = await plane.SendAsync(
            HttpMethod.Post, $"{service}/gateways/{gateway}/generateToken",
            new() { ["keyType"] = "primary", ["expiry"] = TimeProvider.System.GetUtcNow().AddDays(1).ToString("O") });
        var address = new UriBuilder(plane.Address) { Path = $"/gateways/{gateway}/snapshot" }.Uri;
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Host = $"{service[(service.LastIndexOf('/') + 1)..]}.configuration.example:{plane.Address.Port}";
        request.Headers.TryAddWithoutValidation("Authorization", $"GatewayKey {token["value"]}");
        using var response = await plane.Anonymous.SendAsync(request, Cancellation);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancellation));
        return (await response.Content.ReadFromJsonAsync(SnapshotJson.Default.Snapshot, Cancellation))!;
    }
}

using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Tests.Resources;

public class ArmProtocolTests(RunningControlPlane plane)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_with_a_system_assigned_identity_gets_a_service_principal_and_keeps_it()
    {
        var id = $"{RunningControlPlane.Group}/providers/Microsoft.ApiManagement/service/with-identity";
        JsonObject Body() => new()
        {
            ["location"] = "local",
            ["sku"] = new JsonObject { ["name"] = "Developer", ["capacity"] = 1 },
            ["identity"] = new JsonObject { ["type"] = "SystemAssigned" },
            ["properties"] = new JsonObject { ["publisherEmail"] = "a@b.example", ["publisherName"] = "Contoso" },
        };

        var (created, first) = await plane.PutAsync(id, Body());
        var (replaced, second) = await plane.PutAsync(id, Body());

        Assert.Equal((201, 200), (created, replaced));
        Assert.True(Guid.TryParse((string?)first["identity"]!["principalId"], out _));
        Assert.Equal((string?)first["identity"]!["principalId"], (string?)second["identity"]!["principalId"]);
        Assert.Equal(RunningControlPlane.TenantId, (string?)first["identity"]!["tenantId"]);
        Assert.Equal("Succeeded", (string?)first["properties"]!["provisioningState"]);
    }

    [Fact]
    public async Task Taking_the_identity_away_clears_it()
    {
        var id = $"{RunningControlPlane.Group}/providers/Microsoft.ApiManagement/service/loses-identity";
        await plane.PutAsync(id, new()
        {
            ["location"] = "local",
            ["sku"] = new JsonObject { ["name"] = "Developer", ["capacity"] = 1 },
            ["identity"] = new JsonObject { ["type"] = "SystemAssigned" },
            ["properties"] = new JsonObject { ["publisherEmail"] = "a@b.example", ["publisherName"] = "Contoso" },
        });

        var (status, body) = await plane.SendAsync(HttpMethod.Patch, id, new() { ["identity"] = new JsonObject { ["type"] = "None" } });

        Assert.Equal(200, status);
        Assert.Null(body["identity"]!["principalId"]);
    }

    [Fact]
    public async Task Paths_are_taken_as_clients_write_them()
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/gateways/Gw1", new() { ["locationData"] = new JsonObject { ["name"] = "lab" } });

        var doubledInside = service.Replace("/service/", "//service/", StringComparison.Ordinal);
        var (status, body) = await plane.GetAsync($"{doubledInside.ToUpperInvariant()}/GATEWAYS/gW1");

        Assert.Equal(200, status);
        Assert.Equal($"{service}/gateways/Gw1", (string?)body["id"]);
        Assert.Equal("Microsoft.ApiManagement/service/gateways", (string?)body["type"]);
    }

    [Fact]
    public async Task A_doubled_slash_at_the_start_is_no_host_name()
    {
        var service = await plane.CreateServiceAsync();

        var answer = await RawAsync($"GET /{service}?api-version=2024-05-01 HTTP/1.1");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "MissingApiVersionParameter")]
    [InlineData("?api-version=1999-01-01", "InvalidApiVersionParameter")]
    public async Task An_absent_or_unknown_api_version_is_refused_with_those_supported(string query, string code)
    {
        using var response = await plane.Owner.GetAsync($"{RunningControlPlane.Group}/providers/Microsoft.ApiManagement/service{query}", Cancellation);
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!["error"]!;

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(code, (string?)error["code"]);
        Assert.Contains("2024-05-01", (string?)error["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_token_the_answer_is_401_with_a_challenge()
    {
        using var response = await plane.Anonymous.GetAsync($"{RunningControlPlane.Group}?api-version=2021-04-01", Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.First().Scheme);
        Assert.True(response.Headers.Contains("x-ms-request-id"));
    }

    [Fact]
    public async Task Without_a_role_nothing_can_be_read_or_written()
    {
        var service = await plane.CreateServiceAsync();
        var gateway = $"{service}/gateways/gw1?api-version=2024-05-01";

        using var read = await plane.Nobody.GetAsync(gateway, Cancellation);
        using var write = await plane.Nobody.PutAsync(gateway, new StringContent("{}"), Cancellation);
        var error = JsonNode.Parse(await write.Content.ReadAsStringAsync(Cancellation))!["error"]!;

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (read.StatusCode, write.StatusCode));
        Assert.Equal("AuthorizationFailed", (string?)error["code"]);
        Assert.Contains("Microsoft.ApiManagement/service/gateways/write", (string?)error["message"], StringComparison.Ordinal);
        Assert.Equal(404, (await plane.GetAsync($"{service}/gateways/gw1")).Status);
    }

    [Theory]
    [InlineData("{\"properties\": {\"description\": }}", "Line 1, position 32")]
    [InlineData("{\n \"properties\": nonsense\n}", "Line 2")]
    [InlineData("[]", "object")]
    [InlineData("{\"a\":1,\"a\":2}", "not well-formed")]
    [InlineData("{\"a\":\"\\ud800\"}", "surrogate")]
    public async Task Malformed_JSON_is_refused_with_its_place(string text, string expected)
    {
        var service = await plane.CreateServiceAsync();

        using var response = await plane.Owner.PutAsync($"{service}/gateways/g?api-version=2024-05-01", new StringContent(text), Cancellation);
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!["error"]!;

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("InvalidRequestContent", (string?)error["code"]);
        Assert.Contains(expected, (string?)error["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_413()
    {
        var service = await plane.CreateServiceAsync();
        var big = "{\"properties\":{\"description\":\"" + new string('x', 5 << 20) + "\"}}";

        using var response = await plane.Owner.PutAsync($"{service}/gateways/g?api-version=2024-05-01", new StringContent(big), Cancellation);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("RequestEntityTooLarge", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_wrong_field_is_named_at_once()
    {
        var service = await plane.CreateServiceAsync();

        var (status, body) = await plane.PutAsync($"{service}/products/p", new()
        {
            ["properties"] = new JsonObject { ["subscriptionRequired"] = "yes", ["state"] = "maybe", ["description"] = new string('x', 1001) },
        });

        Assert.Equal(400, status);
        Assert.Equal("ValidationError", (string?)body["error"]!["code"]);
        Assert.Equal(
            ["description", "displayName", "state", "subscriptionRequired"],
            body["error"]!["details"]!.AsArray().Select(detail => (string?)detail!["target"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_kind_that_does_not_exist_is_404_in_the_error_shape()
    {
        var service = await plane.CreateServiceAsync();

        var (status, body) = await plane.GetAsync($"{service}/unheardOf");

        Assert.Equal(404, status);
        Assert.Equal("InvalidResourceType", (string?)body["error"]!["code"]);
    }

    [Fact]
    public async Task ETags_follow_the_table_of_the_contract()
    {
        var product = $"{await plane.CreateServiceAsync()}/products/p";
        JsonObject Body(string name) => new() { ["properties"] = new JsonObject { ["displayName"] = name } };
        Task<HttpResponseMessage> Send(HttpMethod method, JsonObject? body, string? ifMatch) => plane.RespondAsync(method, product, body, ifMatch);
        async Task<int> Status(HttpMethod method, JsonObject? body, string? ifMatch)
        {
            using var response = await Send(method, body, ifMatch);
            return (int)response.StatusCode;
        }

        Assert.Equal(404, await Status(HttpMethod.Patch, Body("x"), "*"));
        Assert.Equal(412, await Status(HttpMethod.Put, Body("x"), "\"AAAA\""));
        Assert.Equal(204, await Status(HttpMethod.Delete, null, "*"));
        Assert.Equal(201, await Status(HttpMethod.Put, Body("one"), "*"));
        using var read = await Send(HttpMethod.Get, null, null);
        var tag = read.Headers.ETag!.Tag;
        Assert.Equal(200, await Status(HttpMethod.Put, Body("two"), tag));
        Assert.Equal(412, await Status(HttpMethod.Put, Body("three"), tag));
        Assert.Equal(428, await Status(HttpMethod.Patch, Body("three"), null));
        Assert.Equal(412, await Status(HttpMethod.Patch, Body("three"), tag));
        Assert.Equal(200, await Status(HttpMethod.Patch, Body("three"), "*"));
        using var head = await Send(HttpMethod.Head, null, null);
        Assert.Equal(200, (int)head.StatusCode);
        Assert.Equal(200, await Status(HttpMethod.Put, Body("four"), head.Headers.ETag!.Tag.Trim('"')));
        Assert.Equal(412, await Status(HttpMethod.Delete, null, tag));
        Assert.Equal(200, await Status(HttpMethod.Delete, null, null));
        Assert.Equal(404, await Status(HttpMethod.Head, null, null));
    }

    [Fact]
    public async Task If_None_Match_creates_and_never_replaces()
    {
        var group = $"{await plane.CreateServiceAsync()}/groups/g";
        async Task<(int Status, string Text)> CreateAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, $"{group}?api-version={RunningControlPlane.ApiVersion}")
            {
                Content = new StringContent("""{"properties":{"displayName":"G"}}""", System.Text.Encoding.UTF8, "application/json"),
            };
            request.Headers.TryAddWithoutValidation("If-None-Match", "*");
            using var response = await plane.Owner.SendAsync(request, TestContext.Current.CancellationToken);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        Assert.Equal(201, (await CreateAsync()).Status);
        var (status, text) = await CreateAsync();
        Assert.Equal(412, status);
        Assert.Contains("If-None-Match", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Thirty_two_clients_with_ETags_and_patches_lose_nothing()
    {
        const int Putting = 24;
        const int Patching = 8;
        const int Each = 4;
        var product = $"{await plane.CreateServiceAsync()}/products/counter";
        await plane.PutPropertiesAsync(product, new() { ["displayName"] = "counter", ["description"] = "0" });
        var refused = 0;
        async Task CountAsync()
        {
            for (var done = 0; done < Each;)
            {
                using var read = await plane.RespondAsync(HttpMethod.Get, product);
                var properties = JsonNode.Parse(await read.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["properties"]!.DeepClone();
                properties["description"] = $"{int.Parse((string)properties["description"]!, CultureInfo.InvariantCulture) + 1}";
                var (status, body) = await plane.SendAsync(HttpMethod.Put, product, new() { ["properties"] = properties }, read.Headers.ETag!.Tag);
                Assert.True(status is 200 or 412, $"{status} {body}");
                done += status == 200 ? 1 : 0;
                Interlocked.Add(ref refused, status == 412 ? 1 : 0);
            }
        }

        async Task PatchAsync(int client)
        {
            for (var round = 1; round <= Each; round++)
            {
                var (status, body) = await plane.SendAsync(HttpMethod.Patch, product, new() { ["properties"] = new JsonObject { [$"of{client}"] = round } }, "*");
                Assert.True(status == 200, $"{status} {body}");
            }
        }

        await Task.WhenAll([.. Enumerable.Range(0, Putting).Select(_ => CountAsync()), .. Enumerable.Range(0, Patching).Select(PatchAsync)]);

        var end = (await plane.GetAsync(product)).Body["properties"]!;
        Assert.Equal($"{Putting * Each}", (string)end["description"]!);
        Assert.All(Enumerable.Range(0, Patching), client => Assert.Equal(Each, (int)end[$"of{client}"]!));
        Assert.True(refused > 0, "the writers never met");
    }

    [Fact]
    public async Task PATCH_merges_and_null_clears()
    {
        var gateway = $"{await plane.CreateServiceAsync()}/gateways/gw";
        await plane.PutPropertiesAsync(gateway, new()
        {
            ["locationData"] = new JsonObject { ["name"] = "lab", ["city"] = "Ghent" },
            ["description"] = "old",
            ["somethingNew"] = new JsonArray(1, 2),
        });

        var (status, body) = await plane.SendAsync(
            HttpMethod.Patch,
            gateway,
            new() { ["properties"] = new JsonObject { ["description"] = null, ["locationData"] = new JsonObject { ["city"] = "Bruges" } } },
            ifMatch: "*");

        Assert.Equal(200, status);
        Assert.True(JsonNode.DeepEquals(
            new JsonObject { ["locationData"] = new JsonObject { ["name"] = "lab", ["city"] = "Bruges" }, ["somethingNew"] = new JsonArray(1, 2) },
            body["properties"]), body.ToJsonString());
    }

    [Fact]
    public async Task Collections_page_filter_and_link_to_the_next_page()
    {
        var service = await plane.CreateServiceAsync();
        for (var i = 0; i < 5; i++)
        {
            await plane.PutPropertiesAsync($"{service}/products/p{i}", new() { ["displayName"] = $"Product {i}", ["state"] = i % 2 == 0 ? "published" : "notPublished" });
        }

        var (_, first) = await plane.GetAsync($"{service}/products?$top=2");
        var next = (string)first["nextLink"]!;
        using var second = await plane.Owner.GetAsync(next, Cancellation);
        var page = JsonNode.Parse(await second.Content.ReadAsStringAsync(Cancellation))!;
        var (_, published) = await plane.GetAsync($"{service}/products?$filter={Uri.EscapeDataString("state eq 'published' and not endswith(properties/displayName, '4')")}");

        Assert.StartsWith(plane.Address.AbsoluteUri, next, StringComparison.Ordinal);
        Assert.Equal(5, (int)first["count"]!);
        Assert.Equal(["p0", "p1"], Names(first));
        Assert.Equal(["p2", "p3"], Names(page));
        await plane.SendAsync(HttpMethod.Delete, $"{service}/products/p0");
        using var stable = await plane.Owner.GetAsync(next, Cancellation);
        Assert.Equal(["p2", "p3"], Names(JsonNode.Parse(await stable.Content.ReadAsStringAsync(Cancellation))!));
        Assert.Equal(["p0", "p2"], Names(published));
        Assert.Equal(2, (int)published["count"]!);
        Assert.Null(published["nextLink"]);
    }

    [Theory]
    [InlineData("$top=0")]
    [InlineData("$top=x")]
    [InlineData("$skip=-1")]
    [InlineData("$filter=name eq")]
    [InlineData("$filter=name eq 'x")]
    [InlineData("$filter=((name eq 'x')")]
    public async Task Malformed_page_and_filter_parameters_are_400(string query)
    {
        var (status, body) = await plane.GetAsync($"{await plane.CreateServiceAsync()}/products?{query}");

        Assert.Equal(400, status);
        Assert.NotNull(body["error"]!["message"]);
    }

    [Fact]
    public async Task A_missing_ancestor_is_named()
    {
        var (group, groupError) = await plane.GetAsync($"/subscriptions/{RunningControlPlane.SubscriptionId}/resourceGroups/none/providers/Microsoft.ApiManagement/service/x");
        var (subscription, subscriptionError) = await plane.GetAsync($"/subscriptions/{Guid.Empty}/resourceGroups/rg1/providers/Microsoft.ApiManagement/service/x");
        var (parent, parentError) = await plane.PutAsync($"{await plane.CreateServiceAsync()}/apis/none/operations/x", []);

        Assert.Equal((404, 404, 404), (group, subscription, parent));
        Assert.Equal(
            ["ResourceGroupNotFound", "SubscriptionNotFound", "ResourceNotFound"],
            new[] { groupError, subscriptionError, parentError }.Select(body => (string?)body["error"]!["code"]));
    }

    [Fact]
    public async Task Clouds_subscriptions_and_providers_tell_clients_where_to_go()
    {
        using var metadata = await plane.Anonymous.GetAsync("/metadata/endpoints?api-version=2022-09-01", Cancellation);
        var cloud = JsonNode.Parse(await metadata.Content.ReadAsStringAsync(Cancellation))!.AsArray()[0]!;
        var (_, subscriptions) = await plane.SendAsync(HttpMethod.Get, "/subscriptions", version: "2019-11-01");
        var (_, provider) = await plane.SendAsync(
            HttpMethod.Get, $"/subscriptions/{RunningControlPlane.SubscriptionId}/providers/Microsoft.ApiManagement", version: "2021-04-01");

        Assert.Equal(plane.Options.Authority.AbsoluteUri, (string?)cloud["authentication"]!["loginEndpoint"]);
        Assert.Equal(RunningControlPlane.SubscriptionId, (string?)subscriptions["value"]![0]!["subscriptionId"]);
        var gateways = provider["resourceTypes"]!.AsArray().First(type => (string?)type!["resourceType"] == "service/gateways")!;
        Assert.Equal("2024-05-01", (string?)gateways["apiVersions"]![0]);
    }

    [Fact]
    public async Task A_client_can_not_smuggle_in_the_sealed_form_of_a_secret()
    {
        var service = await plane.CreateServiceAsync();

        var (status, _) = await plane.PutAsync($"{service}/namedValues/n", new()
        {
            ["properties"] = new JsonObject { ["displayName"] = "n", ["secret"] = true, ["value"] = new JsonObject { ["$sealed"] = "AAAA" } },
        });

        Assert.Equal(400, status);
    }

    internal static IEnumerable<string?> Names(JsonNode list) => list["value"]!.AsArray().Select(item => (string?)item!["name"]);

    private async Task<string> RawAsync(string requestLine)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("localhost", plane.Address.Port, Cancellation);
        await using var tls = new SslStream(client.GetStream(), false, (_, certificate, chain, errors) => plane.Options.Roots.Validate(certificate, chain, errors));
        await tls.AuthenticateAsClientAsync("localhost");
        var token = plane.Owner.DefaultRequestHeaders.Authorization;
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"{requestLine}\r\nHost: localhost\r\nAuthorization: {token}\r\nConnection: close\r\n\r\n"), Cancellation);
        using var reader = new StreamReader(tls);
        return await reader.ReadToEndAsync(Cancellation);
    }
}

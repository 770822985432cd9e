using System.Text.Json.Nodes;
using Postern.ControlPlane.Publishing;
using Postern.ControlPlane.Store;
using Postern.Snapshots;

namespace Postern.ControlPlane.Tests.Resources;

/// <summary>
/// What calls cost does not grow with the service: counted in rows that the store reads, which no loaded machine changes. A scan of the
/// <see cref="Many"/> resources would exceed the limit by far. Times are in docs/performance.md.
/// </summary>
public abstract class ScaleContract(RunningControlPlane plane)
{
    private const int Many = 2000;

    /// <summary>A page of 100, each with what it points to, and what else a call looks at.</summary>
    private const int Most = 250;

    private const string Type = "Microsoft.ApiManagement/service/";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_of_a_large_service_read_no_more_than_what_they_answer_with()
    {
        var service = await SeedAsync();
        var costly = new List<string>();
        async Task<(int Status, JsonObject Body)> CostAsync(HttpMethod method, string path, JsonObject? body = null)
        {
            var before = ((SqlResourceStore)plane.Store).RowsRead;
            var answer = await plane.SendAsync(method, $"{service}/{path}", body);
            var read = ((SqlResourceStore)plane.Store).RowsRead - before;
            if (read > Most)
            {
                costly.Add($"{method} {path}: {read} rows");
            }

            Assert.True(answer.Status is 200 or 201 or 204 or 400, $"{method} {path}: {answer.Status} {answer.Body}");
            return answer;
        }

        // The index of a collection is read once, by the first who needs it.
        foreach (var collection in (string[])["apis", "subscriptions", "products/everything/apis"])
        {
            await plane.GetAsync($"{service}/{collection}?$filter=name eq 'nothing'");
        }

        await CostAsync(HttpMethod.Get, "apis");
        await CostAsync(HttpMethod.Get, "apis?$skip=1900");
        Assert.Equal("api-100", Names(await CostAsync(HttpMethod.Get, "apis?$skip=3&$top=1")).Single());
        Assert.Equal(["api-998", "api-999", "versioned"], Names(await CostAsync(HttpMethod.Get, $"apis?$skip={Many - 2}")));
        Assert.Empty(Names(await CostAsync(HttpMethod.Get, $"apis?$skip={Many + 1}")));
        await CostAsync(HttpMethod.Get, "apis/api-1500");
        Assert.Single((await CostAsync(HttpMethod.Get, "apis?$filter=properties/displayName eq 'api 1500'")).Body["value"]!.AsArray());
        Assert.Equal(100, (await CostAsync(HttpMethod.Get, "apis?$filter=contains(displayName,'api')")).Body["value"]!.AsArray().Count);
        await CostAsync(HttpMethod.Get, "apis?$filter=startswith(path,'path-15')&$top=10");
        async Task CountsAsync(string filter, int count, string first)
        {
            var answer = await CostAsync(HttpMethod.Get, $"apis?$filter={filter}&$top=10");
            Assert.Equal((count, first), ((int)answer.Body["count"]!, Names(answer).FirstOrDefault() ?? ""));
        }

        await CountsAsync("displayName ne 'api 0'", Many, "api-1");
        await CountsAsync("not contains(displayName,'api 1')", Many - 1111 + 1, "api-0");
        await CountsAsync("displayName eq 'api 7' or path eq 'path-1999'", 2, "api-1999");
        await CountsAsync("contains(displayName,'99')", 38, "api-1099");
        await CountsAsync("endswith(path,'-1999') or endswith(path,'h-3')", 2, "api-1999");
        await CountsAsync("name ge 'api-5' and name lt 'api-6'", 111, "api-5");
        await CountsAsync("isCurrent eq true", Many + 1, "api-0");
        await CountsAsync("isCurrent ne true or description eq 'x'", 0, "");
        await CostAsync(HttpMethod.Get, "apis?$filter=isCurrent eq true and displayName eq 'api 7'");
        await CostAsync(HttpMethod.Get, "subscriptions?$filter=endswith(scope,'product-7')");
        await CostAsync(HttpMethod.Get, "products/product-7/subscriptions");
        await CostAsync(HttpMethod.Get, "products/everything/apis");
        await CostAsync(HttpMethod.Get, "products/everything/apis?$filter=name eq 'api-7'");
        await CostAsync(HttpMethod.Get, "apis/api-7/products");
        await CostAsync(HttpMethod.Get, "users/user-7/groups");
        await CostAsync(HttpMethod.Get, "users/user-7/subscriptions");
        Assert.Equal(Many + 1, (int)(await CostAsync(HttpMethod.Get, "apis?$filter=isCurrent eq true&$skip=1990")).Body["count"]!);
        await CostAsync(HttpMethod.Put, "apis/new", new() { ["properties"] = new JsonObject { ["displayName"] = "new", ["path"] = "new", ["serviceUrl"] = "https://new.example" } });
        Assert.Equal(["new"], Names(await CostAsync(HttpMethod.Get, "apis?$filter=contains(serviceUrl,'new.ex')")));
        await CostAsync(HttpMethod.Put, "products/everything/apis/new");
        await CostAsync(HttpMethod.Delete, "products/everything/apis/api-8");
        await CostAsync(HttpMethod.Delete, "apis/api-9");
        Assert.Empty(Names(await CostAsync(HttpMethod.Get, "apis?$filter=endswith(displayName,'api 9')")));
        Assert.Equal(400, (await CostAsync(HttpMethod.Delete, "apiVersionSets/used")).Status);
        await CostAsync(HttpMethod.Delete, "apiVersionSets/unused");
        await CostAsync(HttpMethod.Delete, "namedValues/unused");
        Assert.Equal(400, (await CostAsync(HttpMethod.Delete, "namedValues/used")).Status);
        Assert.Equal(400, (await CostAsync(HttpMethod.Delete, "policyFragments/used")).Status);
        await CostAsync(HttpMethod.Post, "policyFragments/used/listReferences");
        await CostAsync(HttpMethod.Delete, "policyFragments/unused");
        await CostAsync(HttpMethod.Delete, "products/product-7?deleteSubscriptions=true");
        await CostAsync(HttpMethod.Delete, "users/user-8?deleteSubscriptions=true");

        Assert.Empty(costly);
    }

    [Fact]
    public async Task A_change_of_a_large_service_is_published_without_reading_the_rest()
    {
        var service = await SeedAsync();
        await plane.PutPropertiesAsync($"{service}/gateways/edge", []);
        await plane.Store.WriteAsync(
            [.. Enumerable.Range(0, Many).Select(i => new ResourceWrite($"{service}/gateways/edge/apis/api-{i}", Type + "gateways/apis", "{\"properties\":{}}", "x"))],
            Cancellation);
        await plane.SnapshotAsync(service, "edge");
        var costly = new List<string>();
        async Task<Snapshot> PublishedAsync(HttpMethod method, string path, JsonObject? properties = null)
        {
            var before = ((SqlResourceStore)plane.Store).RowsRead;
            var (status, body) = await plane.SendAsync(method, $"{service}/{path}", properties is null ? null : new() { ["properties"] = properties });
            Assert.True(status is 200 or 201 or 204, $"{status} {body}");
            var snapshot = await plane.SnapshotAsync(service, "edge");
            var read = ((SqlResourceStore)plane.Store).RowsRead - before;
            if (read > Most)
            {
                costly.Add($"{method} {path}: {read} rows");
            }

            return snapshot;
        }

        JsonObject Api(string name) => new() { ["displayName"] = name, ["path"] = "new", ["serviceUrl"] = "https://new.example" };
        await PublishedAsync(HttpMethod.Put, "apis/new", Api("new"));
        Assert.Contains((await PublishedAsync(HttpMethod.Put, "gateways/edge/apis/new", [])).Entities, entity => entity is ApiSnapshot { Name: "new" });
        Assert.Contains((await PublishedAsync(HttpMethod.Put, "apis/new", Api("newer"))).Entities, entity => entity is ApiSnapshot { Name: "newer" });
        Assert.Contains(
            (await PublishedAsync(HttpMethod.Put, "apis/new/policies/policy", new() { ["value"] = "<policies />", ["format"] = "xml" })).Entities,
            entity => entity is PolicySnapshot { Scope: "apis/new" });
        IReadOnlyList<string> Exposed(Snapshot snapshot) => snapshot.Entities.OfType<ProductSnapshot>().Single(product => product.Id == "everything").ApiIds;
        Assert.Contains("new", Exposed(await PublishedAsync(HttpMethod.Put, "products/everything/apis/new", [])));
        Assert.DoesNotContain("api-7", Exposed(await PublishedAsync(HttpMethod.Delete, "products/everything/apis/api-7")));
        var last = await PublishedAsync(HttpMethod.Delete, "gateways/edge/apis/api-8");
        Assert.DoesNotContain("api-8", Exposed(last));

        Assert.Empty(costly);
        using var protector = SecretProtector.FromKeyFile(plane.Options.KeyFile);
        using var afresh = new GatewayPublications(plane.Store, new(protector));
        Assert.Equal((await afresh.CurrentAsync($"{service}/gateways/edge", Cancellation))!.Hash, last.Hash);
    }

    private static List<string> Names((int Status, JsonObject Body) list) => [.. list.Body["value"]!.AsArray().Select(item => (string)item!["name"]!)];

    private async Task<string> SeedAsync()
    {
        var service = await plane.CreateServiceAsync();
        var writes = new List<ResourceWrite>();
        void Add(string path, string type, JsonObject properties) =>
            writes.Add(new($"{service}/{path}", Type + type, new JsonObject { ["properties"] = properties }.ToJsonString(), "x"));
        Add("apiVersionSets/used", "apiVersionSets", new() { ["displayName"] = "used" });
        Add("apiVersionSets/unused", "apiVersionSets", new() { ["displayName"] = "unused" });
        Add("products/everything", "products", new() { ["displayName"] = "everything" });
        foreach (var name in (string[])["used", "unused"])
        {
            Add($"namedValues/{name}", "namedValues", new() { ["displayName"] = name, ["value"] = "x", ["secret"] = false });
            Add($"policyFragments/{name}", "policyFragments", new() { ["value"] = "<fragment />", ["format"] = "xml" });
        }

        for (var i = 0; i < Many; i++)
        {
            Add($"apis/api-{i}", "apis", new() { ["displayName"] = $"api {i}", ["path"] = $"path-{i}", ["isCurrent"] = true, ["apiRevision"] = "1" });
            Add($"apis/api-{i}/policies/policy", "apis/policies", new() { ["format"] = "xml", ["value"] = "<policies />" });
            Add($"products/everything/apis/api-{i}", "products/apis", []);
            Add($"products/everything/apiLinks/api-{i}", "products/apiLinks", new() { ["apiId"] = $"{service}/apis/api-{i}" });
            Add($"products/product-{i}", "products", new() { ["displayName"] = $"product {i}" });
            Add($"groups/group-{i}", "groups", new() { ["displayName"] = $"group {i}" });
            Add($"users/user-{i}", "users", new() { ["email"] = $"u{i}@contoso.example", ["firstName"] = "a", ["lastName"] = "b" });
            Add($"groups/group-{i}/users/user-{i}", "groups/users", []);
            Add($"subscriptions/sub-{i}", "subscriptions", new()
            {
                ["displayName"] = $"sub {i}",
                ["scope"] = $"{service}/products/product-{i}",
                ["ownerId"] = $"{service}/users/user-{i}",
                ["state"] = "active",
            });
        }

        Add("apis/versioned", "apis", new() { ["displayName"] = "v", ["path"] = "v", ["isCurrent"] = true, ["apiVersionSetId"] = $"{service}/apiVersionSets/used" });
        Add("apis/api-1/policies/policy", "apis/policies", new()
        {
            ["format"] = "xml",
            ["value"] = "<policies><inbound><include-fragment fragment-id=\"used\" /><set-header name=\"a\"><value>{{used}}</value></set-header></inbound></policies>",
        });
        foreach (var some in writes.Chunk(2000))
        {
            await plane.Store.WriteAsync(some, Cancellation);
        }

        return service;
    }
}

public sealed class ScaleTests(ScaleTests.Plane plane) : ScaleContract(plane), IClassFixture<ScaleTests.Plane>
{
    /// <summary>A control plane that nothing else uses, so that every row read is this test's.</summary>
    public sealed class Plane : RunningControlPlane;
}

/// <summary>Takes longer than all other suites on PostgreSQL together: beside them, on a server of its own.</summary>
public sealed class ScaleOnPostgresTests(PostgresControlPlane plane) : ScaleContract(plane.Present()), IClassFixture<PostgresControlPlane>;

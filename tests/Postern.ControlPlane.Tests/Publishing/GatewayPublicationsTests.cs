using System.Text.Json.Nodes;
using Postern.ControlPlane.ConfigurationApi;
using Postern.ControlPlane.Publishing;
using Postern.ControlPlane.Store;
using Postern.Snapshots;

namespace Postern.ControlPlane.Tests.Publishing;

public sealed class GatewayPublicationsTests : IAsyncLifetime
{
    private const string Prefix = "Microsoft.ApiManagement/service";
    private const string Service = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/contoso";
    private const string Gateway = $"{Service}/gateways/lab";

    private readonly string _folder = Directory.CreateTempSubdirectory("postern-pub-").FullName;
    private SecretProtector _protector = null!;
    private IResourceStore _store = null!;
    private GatewayPublications _publications = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _protector = SecretProtector.FromKeyFile(Path.Combine(_folder, "key"));
        _store = await SqlResourceStore.OpenAsync(StoreOptions.Sqlite(Path.Combine(_folder, "store.db")), TimeProvider.System, Cancellation);
        _publications = new(_store, new(_protector));
        await PutAsync("gateways/lab", new() { ["locationData"] = new JsonObject { ["name"] = "lab" } });
        await PutAsync("apis/echo", new() { ["displayName"] = "Echo", ["path"] = "echo", ["serviceUrl"] = "https://{{host}}/echo" });
        await PutAsync("apis/echo/operations/get", new() { ["displayName"] = "Get", ["method"] = "get", ["urlTemplate"] = "/get" });
        await PutAsync("gateways/lab/apis/echo", []);
        await PutAsync("namedValues/h", new() { ["displayName"] = "host", ["value"] = "one.example" });
    }

    public async ValueTask DisposeAsync()
    {
        _publications.Dispose();
        await _store.DisposeAsync();
        _protector.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_change_sends_what_it_touches_and_the_hash_of_the_whole()
    {
        var before = await CurrentAsync();
        await PutAsync("apis/echo/policies/policy", new() { ["value"] = "<policies />", ["format"] = "xml" });

        var since = await ChangesAsync(before.Revision);

        Assert.Equal(["policies/apis/echo"], since.Change!.Put.Select(entity => entity.Key));
        Assert.Empty(since.Change.Removed);
        Assert.Equal(before.Revision, since.Change.From);
        Assert.Equal((await CurrentAsync()).Hash, since.Change.Hash);
    }

    [Fact]
    public async Task A_logger_goes_to_gateways_whose_policies_name_it_with_its_named_values_filled_in()
    {
        await PutAsync("loggers/hub", new() { ["loggerType"] = "azureEventHub", ["credentials"] = new JsonObject { ["name"] = "orders", ["connectionString"] = "{{host}}" } });
        Assert.DoesNotContain((await CurrentAsync()).Entities, entity => entity is LoggerSnapshot);

        await PutAsync("policies/policy", new() { ["value"] = "<policies><inbound><log-to-eventhub logger-id=\"hub\">@(1)</log-to-eventhub></inbound></policies>" });
        Assert.Equal("one.example", Assert.Single((await CurrentAsync()).Entities.OfType<LoggerSnapshot>()).Credentials["connectionString"]);

        await PutAsync("namedValues/h", new() { ["displayName"] = "host", ["value"] = "two.example" });
        Assert.Equal("two.example", Assert.Single((await CurrentAsync()).Entities.OfType<LoggerSnapshot>()).Credentials["connectionString"]);

        await RemoveAsync("loggers/hub");
        Assert.DoesNotContain((await CurrentAsync()).Entities, entity => entity is LoggerSnapshot);
    }

    [Theory]
    [InlineData("default", true)]
    [InlineData("LAB", true)]
    [InlineData("westeurope", false)]
    public async Task A_cache_goes_to_the_gateways_that_it_is_for_when_they_have_a_policy_that_uses_caches(string location, bool reaches)
    {
        await PutAsync("namedValues/c", new() { ["displayName"] = "Cache-one", ["value"] = "redis:6380,password=secret,ssl=True" });
        await PutAsync("caches/one", new() { ["useFromLocation"] = location, ["connectionString"] = "{{Cache-one}}" });
        Assert.DoesNotContain((await CurrentAsync()).Entities, entity => entity is CacheSnapshot);

        await PutAsync("policies/policy", new() { ["value"] = "<policies><inbound><cache-lookup-value key=\"k\" variable-name=\"v\" /></inbound></policies>" });
        var cache = (await CurrentAsync()).Entities.OfType<CacheSnapshot>().SingleOrDefault();
        Assert.Equal(reaches ? "redis:6380,password=secret,ssl=True" : null, cache?.ConnectionString);

        await RemoveAsync("caches/one");
        Assert.DoesNotContain((await CurrentAsync()).Entities, entity => entity is CacheSnapshot);
    }

    [Fact]
    public async Task A_definition_goes_along_only_while_a_policy_in_effect_asks_for_it()
    {
        await PutAsync("apis/echo/schemas/components", new()
        {
            ["contentType"] = "application/vnd.oai.openapi.components+json",
            ["document"] = new JsonObject { ["components"] = new JsonObject { ["schemas"] = new JsonObject { ["A"] = new JsonObject { ["type"] = "string" } } } },
        });
        await PutAsync("apis/other", new() { ["displayName"] = "Other", ["path"] = "other" });
        Assert.DoesNotContain((await CurrentAsync()).Entities, entity => entity is ApiDescriptionSnapshot or SchemaSnapshot);

        // By a fragment of a product that the API is in.
        await PutAsync("products/p", new() { ["displayName"] = "P" });
        await PutAsync("products/p/apis/echo", []);
        await PutAsync("products/p/policies/policy", new() { ["value"] = "<policies><inbound><include-fragment fragment-id=\"f\" /></inbound></policies>" });
        await PutAsync("policyFragments/f", new() { ["value"] = "<fragment><mock-response /></fragment>" });
        var described = Assert.Single((await CurrentAsync()).Entities.OfType<ApiDescriptionSnapshot>());
        Assert.Equal(("apis/echo", "get"), (described.Owner, Assert.Single(described.Operations).Id));
        Assert.DoesNotContain((await CurrentAsync()).Entities, entity => entity is SchemaSnapshot);

        await PutAsync("apis/echo/operations/get", new()
        {
            ["displayName"] = "Get",
            ["method"] = "get",
            ["urlTemplate"] = "/get",
            ["responses"] = new JsonArray(new JsonObject
            {
                ["statusCode"] = 200,
                ["representations"] = new JsonArray(new JsonObject
                {
                    ["contentType"] = "application/json",
                    ["examples"] = new JsonObject { ["default"] = new JsonObject { ["value"] = new JsonObject { ["id"] = 1 } } },
                }),
            }),
        });
        described = Assert.Single((await CurrentAsync()).Entities.OfType<ApiDescriptionSnapshot>());
        Assert.Equal("{\"id\":1}", Assert.Single(Assert.Single(Assert.Single(described.Operations).Responses).Representations).Example);

        await PutAsync("apis/echo/policies/policy", new() { ["value"] = "<policies><inbound><validate-content /></inbound></policies>" });
        Assert.Equal("schemas/apis/echo/components", Assert.Single((await CurrentAsync()).Entities.OfType<SchemaSnapshot>()).Key);
        using var reloaded = new GatewayPublications(_store, new(_protector));
        Assert.Equal((await CurrentAsync()).Hash, (await reloaded.CurrentAsync(Gateway, Cancellation))!.Hash);

        await RemoveAsync("apis/echo/policies/policy");
        await RemoveAsync("products/p/policies/policy");
        Assert.DoesNotContain((await CurrentAsync()).Entities, entity => entity is ApiDescriptionSnapshot or SchemaSnapshot);
    }

    [Fact]
    public async Task Fragments_of_fragments_go_along_with_what_they_need_and_leave_with_the_last_that_included_them()
    {
        await PutAsync("namedValues/n", new() { ["displayName"] = "deep", ["value"] = "v" });
        await PutAsync("backends/deep", new() { ["url"] = "https://deep.example", ["protocol"] = "http" });
        await PutAsync("policyFragments/inner", new() { ["value"] = "<fragment><set-method>{{deep}}</set-method><set-backend-service backend-id=\"deep\" /></fragment>" });
        await PutAsync("policyFragments/middle", new() { ["value"] = "<fragment><include-fragment fragment-id=\"INNER\" /></fragment>" });
        await PutAsync("policyFragments/outer", new() { ["value"] = "<fragment><include-fragment fragment-id='middle' /></fragment>" });
        string[] deep = ["backends/deep", "namedValues/n", "policyFragments/inner", "policyFragments/middle", "policyFragments/outer"];
        Assert.Empty((await CurrentAsync()).Entities.Select(entity => entity.Key).Intersect(deep));

        await PutAsync("policies/policy", new() { ["value"] = "<policies><inbound><include-fragment fragment-id=\"outer\" /></inbound></policies>" });
        Assert.Equal(deep, (await CurrentAsync()).Entities.Select(entity => entity.Key).Intersect(deep).Order(StringComparer.Ordinal));

        await PutAsync("policyFragments/middle", new() { ["value"] = "<fragment />" });
        Assert.Equal(deep[3..], (await CurrentAsync()).Entities.Select(entity => entity.Key).Intersect(deep).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Fragments_that_named_values_name_go_along_and_change_with_the_value()
    {
        await PutAsync("namedValues/n", new() { ["displayName"] = "stage", ["value"] = "test" });
        await PutAsync("namedValues/w", new() { ["displayName"] = "whole", ["value"] = "<include-fragment fragment-id=\"whole\" />" });
        foreach (var name in (string[])["test-auth", "live-auth", "whole"])
        {
            await PutAsync($"policyFragments/{name}", new() { ["value"] = "<fragment />" });
        }

        await PutAsync("policies/policy", new() { ["value"] = "<policies><inbound><include-fragment fragment-id=\"{{stage}}-auth\" />{{ whole }}</inbound></policies>" });
        Assert.Equal(["policyFragments/test-auth", "policyFragments/whole"], await FragmentsAsync());

        await PutAsync("namedValues/n", new() { ["displayName"] = "stage", ["value"] = "live" });
        Assert.Equal(["policyFragments/live-auth", "policyFragments/whole"], await FragmentsAsync());

        await PutAsync("namedValues/n", new() { ["displayName"] = "stage", ["value"] = "gone" });
        Assert.Equal(["policyFragments/whole"], await FragmentsAsync());

        async Task<IEnumerable<string>> FragmentsAsync() => (await CurrentAsync()).Entities.OfType<PolicyFragmentSnapshot>().Select(entity => entity.Key).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task Schemas_of_the_service_go_where_they_are_named()
    {
        await PutAsync("schemas/order", new() { ["schemaType"] = "json", ["document"] = new JsonObject { ["type"] = "object" } });
        await PutAsync("schemas/part", new() { ["schemaType"] = "xml", ["value"] = "<x/>" });
        Assert.DoesNotContain((await CurrentAsync()).Entities, entity => entity is SchemaSnapshot);

        await PutAsync("policies/policy", new() { ["value"] = "<policies><inbound><validate-content><content schema-id=\"order\" /></validate-content></inbound></policies>" });

        var schemas = (await CurrentAsync()).Entities.OfType<SchemaSnapshot>().ToDictionary(schema => schema.Key, schema => schema.Text);
        Assert.Equal("{\"type\":\"object\"}", schemas["schemas/order"]);
        Assert.Equal("<x/>", schemas["schemas/part"]);
    }

    [Fact]
    public async Task Applying_every_change_to_the_first_snapshot_gives_the_last_one()
    {
        var entities = new Dictionary<string, SnapshotEntity>((await CurrentAsync()).Entities.Select(entity => KeyValuePair.Create(entity.Key, entity)));
        var revision = (await CurrentAsync()).Revision;
        Func<Task>[] steps =
        [
            () => PutAsync("products/p", new() { ["displayName"] = "P" }),
            () => PutAsync("products/p/apis/echo", []),
            () => PutAsync("subscriptions/s", new() { ["displayName"] = "s", ["scope"] = $"{Service}/products/p", ["state"] = "active", ["ownerId"] = $"{Service}/users/u" }),
            () => PutAsync("users/u", new() { ["email"] = "u@x", ["firstName"] = "U", ["lastName"] = "X" }),
            () => PutAsync("groups/g", new() { ["displayName"] = "G" }),
            () => PutAsync("groups/g/users/u", []),
            () => PutAsync("policies/policy", new() { ["value"] = "<policies><inbound><include-fragment fragment-id=\"f\" /></inbound></policies>" }),
            () => PutAsync("policyFragments/f", new() { ["value"] = "<fragment>{{secret}}<set-backend-service backend-id=\"b\" /></fragment>" }),
            () => PutAsync("namedValues/secret", new() { ["displayName"] = "secret", ["value"] = "x" }),
            () => PutAsync("backends/b", new() { ["url"] = "https://{{host}}/b", ["protocol"] = "http" }),
            () => PutAsync("namedValues/h", new() { ["displayName"] = "host", ["value"] = "two.example" }),
            () => PutAsync("groups/g", new() { ["displayName"] = "Renamed" }),
            () => PutAsync("apis/echo/operations/post", new() { ["displayName"] = "Post", ["method"] = "POST", ["urlTemplate"] = "/post" }),
            () => RemoveAsync("apis/echo/operations/get"),
            () => RemoveAsync("products/p"),
            () => RemoveAsync("policies/policy"),
            () => RemoveAsync("gateways/lab/apis/echo"),
        ];
        foreach (var step in steps)
        {
            await step();
            var since = await ChangesAsync(revision);
            Assert.False(since.ResyncRequired);
            if (since.Change is { } change)
            {
                change.Removed.ToList().ForEach(key => entities.Remove(key));
                change.Put.ToList().ForEach(entity => entities[entity.Key] = entity);
                revision = change.Revision;
                Assert.Equal(change.Hash, SnapshotHash.OfSet(entities.Select(pair => KeyValuePair.Create(pair.Key, SnapshotHash.Of(pair.Value)))));
            }
        }

        using var anew = new GatewayPublications(_store, new(_protector));
        var rebuilt = (await anew.CurrentAsync(Gateway, Cancellation))!;
        Assert.Equal(rebuilt.Entities.Select(entity => entity.Key), entities.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(rebuilt.Hash, (await CurrentAsync()).Hash);
    }

    [Fact]
    public async Task Named_values_in_addresses_are_filled_in_and_follow_their_changes()
    {
        var before = await CurrentAsync();
        Assert.Equal("https://one.example/echo", before.Entities.OfType<ApiSnapshot>().Single().ServiceUrl);

        await PutAsync("namedValues/h", new() { ["displayName"] = "host", ["value"] = "two.example" });

        var since = await ChangesAsync(before.Revision);
        Assert.Equal("https://two.example/echo", Assert.IsType<ApiSnapshot>(Assert.Single(since.Change!.Put)).ServiceUrl);
    }

    [Fact]
    public async Task Changes_that_concern_other_gateways_only_are_no_changes()
    {
        var before = await CurrentAsync();
        await PutAsync("apis/other", new() { ["displayName"] = "Other", ["path"] = "other" });
        await PutAsync("gateways/elsewhere", []);
        await PutAsync("gateways/elsewhere/apis/other", []);
        await PutAsync("namedValues/unused", new() { ["displayName"] = "unused", ["value"] = "x" });

        Assert.Equal(default, await ChangesAsync(before.Revision));
        Assert.Equal(before.Hash, (await CurrentAsync()).Hash);
    }

    [Fact]
    public async Task A_revision_from_before_this_process_or_from_the_future_needs_the_snapshot()
    {
        var current = await CurrentAsync();

        Assert.True((await ChangesAsync(current.Revision - 1)).ResyncRequired);
        Assert.True((await ChangesAsync(current.Revision + 1_000)).ResyncRequired);
    }

    [Fact]
    public async Task A_gateway_that_is_removed_has_nothing_any_more()
    {
        await CurrentAsync();
        await RemoveAsync("gateways/lab");

        Assert.Null(await _publications.CurrentAsync(Gateway, Cancellation));
        Assert.True((await ChangesAsync(1)).ResyncRequired);
    }

    [Fact]
    public async Task Another_replica_continues_from_a_revision_that_this_one_gave()
    {
        using var replica = new GatewayPublications(_store, new(_protector));
        await replica.CurrentAsync(Gateway, Cancellation);
        var current = await CurrentAsync();
        await PutAsync("policies/policy", new() { ["value"] = "<policies />" });
        await PutAsync("namedValues/unrelated", new() { ["displayName"] = "u", ["value"] = "x" });
        var here = (await ChangesAsync(current.Revision)).Change!;

        await PutAsync("apis/echo", new() { ["displayName"] = "Echo 2", ["path"] = "echo" });
        var there = await replica.ChangesAfterAsync(Gateway, here.Revision, 100, Cancellation);

        Assert.False(there.ResyncRequired);
        Assert.Contains("apis/echo", there.Change!.Put.Select(entity => entity.Key));
        Assert.Equal((await CurrentAsync()).Hash, there.Change.Hash);
    }

    private async Task<Snapshot> CurrentAsync() => (await _publications.CurrentAsync(Gateway, Cancellation))!;

    private ValueTask<ChangesSince> ChangesAsync(long since) => _publications.ChangesAfterAsync(Gateway, since, 100, Cancellation);

    private async Task PutAsync(string path, JsonObject properties) => await _store.WriteAsync(
        [new($"{Service}/{path}", TypeOf(path), new JsonObject { ["properties"] = properties }.ToJsonString(), "test")], Cancellation);

    private async Task RemoveAsync(string path) => await _store.WriteAsync([new($"{Service}/{path}", TypeOf(path), null, "test")], Cancellation);

    private static string TypeOf(string path) => Prefix + string.Concat(path.Split('/').Where((_, i) => i % 2 == 0).Select(segment => "/" + segment));
}

using System.Text.Json.Nodes;
using Postern.Snapshots;

namespace Postern.ControlPlane.Tests.Publishing;

public sealed class GatewayPublicationsTests : IAsyncLifetime
{
    private const string Service = PublishedService.Id;
    private const string Gateway = $"{Service}/gateways/lab";

    private PublishedService _service = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _service = await PublishedService.CreateAsync();
        await _service.PutAsync("apis/echo", new() { ["displayName"] = "Echo", ["path"] = "echo", ["serviceUrl"] = "https://{{host}}/echo" });
        await _service.PutAsync("apis/echo/operations/get", new() { ["displayName"] = "Get", ["method"] = "get", ["urlTemplate"] = "/get" });
        await _service.PutAsync("gateways/lab/apis/echo", []);
        await _service.PutAsync("namedValues/h", new() { ["displayName"] = "host", ["value"] = "one.example" });
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_change_sends_what_it_touches_and_the_hash_of_the_whole()
    {
        var before = await _service.CurrentAsync();
        await _service.PutAsync("apis/echo/policies/policy", new() { ["value"] = "<policies />", ["format"] = "xml" });

        var since = await _service.ChangesAsync(before.Revision);

        Assert.Equal(["policies/apis/echo"], since.Change!.Put.Select(entity => entity.Key));
        Assert.Empty(since.Change.Removed);
        Assert.Equal(before.Revision, since.Change.From);
        Assert.Equal((await _service.CurrentAsync()).Hash, since.Change.Hash);
    }

    [Fact]
    public async Task A_logger_goes_to_gateways_whose_policies_name_it_with_its_named_values_filled_in()
    {
        await _service.PutAsync("loggers/hub", new() { ["loggerType"] = "azureEventHub", ["credentials"] = new JsonObject { ["name"] = "orders", ["connectionString"] = "{{host}}" } });
        Assert.DoesNotContain((await _service.CurrentAsync()).Entities, entity => entity is LoggerSnapshot);

        await _service.PutAsync("policies/policy", new() { ["value"] = "<policies><inbound><log-to-eventhub logger-id=\"hub\">@(1)</log-to-eventhub></inbound></policies>" });
        Assert.Equal("one.example", Assert.Single((await _service.CurrentAsync()).Entities.OfType<LoggerSnapshot>()).Credentials["connectionString"]);

        await _service.PutAsync("namedValues/h", new() { ["displayName"] = "host", ["value"] = "two.example" });
        Assert.Equal("two.example", Assert.Single((await _service.CurrentAsync()).Entities.OfType<LoggerSnapshot>()).Credentials["connectionString"]);

        await _service.RemoveAsync("loggers/hub");
        Assert.DoesNotContain((await _service.CurrentAsync()).Entities, entity => entity is LoggerSnapshot);
    }

    [Theory]
    [InlineData("default", true)]
    [InlineData("LAB", true)]
    [InlineData("westeurope", false)]
    public async Task A_cache_goes_to_the_gateways_that_it_is_for_when_they_have_a_policy_that_uses_caches(string location, bool reaches)
    {
        await _service.PutAsync("namedValues/c", new() { ["displayName"] = "Cache-one", ["value"] = "redis:6380,password=secret,ssl=True" });
        await _service.PutAsync("caches/one", new() { ["useFromLocation"] = location, ["connectionString"] = "{{Cache-one}}" });
        Assert.DoesNotContain((await _service.CurrentAsync()).Entities, entity => entity is CacheSnapshot);

        await _service.PutAsync("policies/policy", new() { ["value"] = "<policies><inbound><cache-lookup-value key=\"k\" variable-name=\"v\" /></inbound></policies>" });
        var cache = (await _service.CurrentAsync()).Entities.OfType<CacheSnapshot>().SingleOrDefault();
        Assert.Equal(reaches ? "redis:6380,password=secret,ssl=True" : null, cache?.ConnectionString);

        await _service.RemoveAsync("caches/one");
        Assert.DoesNotContain((await _service.CurrentAsync()).Entities, entity => entity is CacheSnapshot);
    }

    [Fact]
    public async Task A_definition_goes_along_only_while_a_policy_in_effect_asks_for_it()
    {
        await _service.PutAsync("apis/echo/schemas/components", new()
        {
            ["contentType"] = "application/vnd.oai.openapi.components+json",
            ["document"] = new JsonObject { ["components"] = new JsonObject { ["schemas"] = new JsonObject { ["A"] = new JsonObject { ["type"] = "string" } } } },
        });
        await _service.PutAsync("apis/other", new() { ["displayName"] = "Other", ["path"] = "other" });
        Assert.DoesNotContain((await _service.CurrentAsync()).Entities, entity => entity is ApiDescriptionSnapshot or SchemaSnapshot);

        // By a fragment of a product that the API is in.
        await _service.PutAsync("products/p", new() { ["displayName"] = "P" });
        await _service.PutAsync("products/p/apis/echo", []);
        await _service.PutAsync("products/p/policies/policy", new() { ["value"] = "<policies><inbound><include-fragment fragment-id=\"f\" /></inbound></policies>" });
        await _service.PutAsync("policyFragments/f", new() { ["value"] = "<fragment><mock-response /></fragment>" });
        var described = Assert.Single((await _service.CurrentAsync()).Entities.OfType<ApiDescriptionSnapshot>());
        Assert.Equal(("apis/echo", "get"), (described.Owner, Assert.Single(described.Operations).Id));
        Assert.DoesNotContain((await _service.CurrentAsync()).Entities, entity => entity is SchemaSnapshot);

        await _service.PutAsync("apis/echo/operations/get", new()
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
        described = Assert.Single((await _service.CurrentAsync()).Entities.OfType<ApiDescriptionSnapshot>());
        Assert.Equal("{\"id\":1}", Assert.Single(Assert.Single(Assert.Single(described.Operations).Responses).Representations).Example);

        await _service.PutAsync("apis/echo/policies/policy", new() { ["value"] = "<policies><inbound><validate-content /></inbound></policies>" });
        Assert.Equal("schemas/apis/echo/components", Assert.Single((await _service.CurrentAsync()).Entities.OfType<SchemaSnapshot>()).Key);
        using var reloaded = _service.NewReplica();
        Assert.Equal((await _service.CurrentAsync()).Hash, (await reloaded.CurrentAsync(Gateway, Cancellation))!.Hash);

        await _service.RemoveAsync("apis/echo/policies/policy");
        await _service.RemoveAsync("products/p/policies/policy");
        Assert.DoesNotContain((await _service.CurrentAsync()).Entities, entity => entity is ApiDescriptionSnapshot or SchemaSnapshot);
    }

    [Fact]
    public async Task Fragments_of_fragments_go_along_with_what_they_need_and_leave_with_the_last_that_included_them()
    {
        await _service.PutAsync("namedValues/n", new() { ["displayName"] = "deep", ["value"] = "v" });
        await _service.PutAsync("backends/deep", new() { ["url"] = "https://deep.example", ["protocol"] = "http" });
        await _service.PutAsync("policyFragments/inner", new() { ["value"] = "<fragment><set-method>{{deep}}</set-method><set-backend-service backend-id=\"deep\" /></fragment>" });
        await _service.PutAsync("policyFragments/middle", new() { ["value"] = "<fragment><include-fragment fragment-id=\"INNER\" /></fragment>" });
        await _service.PutAsync("policyFragments/outer", new() { ["value"] = "<fragment><include-fragment fragment-id='middle' /></fragment>" });
        string[] deep = ["backends/deep", "namedValues/n", "policyFragments/inner", "policyFragments/middle", "policyFragments/outer"];
        Assert.Empty((await _service.CurrentAsync()).Entities.Select(entity => entity.Key).Intersect(deep));

        await _service.PutAsync("policies/policy", new() { ["value"] = "<policies><inbound><include-fragment fragment-id=\"outer\" /></inbound></policies>" });
        Assert.Equal(deep, (await _service.CurrentAsync()).Entities.Select(entity => entity.Key).Intersect(deep).Order(StringComparer.Ordinal));

        await _service.PutAsync("policyFragments/middle", new() { ["value"] = "<fragment />" });
        Assert.Equal(deep[3..], (await _service.CurrentAsync()).Entities.Select(entity => entity.Key).Intersect(deep).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Fragments_that_named_values_name_go_along_and_change_with_the_value()
    {
        await _service.PutAsync("namedValues/n", new() { ["displayName"] = "stage", ["value"] = "test" });
        await _service.PutAsync("namedValues/w", new() { ["displayName"] = "whole", ["value"] = "<include-fragment fragment-id=\"whole\" />" });
        foreach (var name in (string[])["test-auth", "live-auth", "whole"])
        {
            await _service.PutAsync($"policyFragments/{name}", new() { ["value"] = "<fragment />" });
        }

        await _service.PutAsync("policies/policy", new() { ["value"] = "<policies><inbound><include-fragment fragment-id=\"{{stage}}-auth\" />{{ whole }}</inbound></policies>" });
        Assert.Equal(["policyFragments/test-auth", "policyFragments/whole"], await FragmentsAsync());

        await _service.PutAsync("namedValues/n", new() { ["displayName"] = "stage", ["value"] = "live" });
        Assert.Equal(["policyFragments/live-auth", "policyFragments/whole"], await FragmentsAsync());

        await _service.PutAsync("namedValues/n", new() { ["displayName"] = "stage", ["value"] = "gone" });
        Assert.Equal(["policyFragments/whole"], await FragmentsAsync());

        async Task<IEnumerable<string>> FragmentsAsync() => (await _service.CurrentAsync()).Entities.OfType<PolicyFragmentSnapshot>().Select(entity => entity.Key).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task Schemas_of_the_service_go_where_they_are_named()
    {
        await _service.PutAsync("schemas/order", new() { ["schemaType"] = "json", ["document"] = new JsonObject { ["type"] = "object" } });
        await _service.PutAsync("schemas/part", new() { ["schemaType"] = "xml", ["value"] = "<x/>" });
        Assert.DoesNotContain((await _service.CurrentAsync()).Entities, entity => entity is SchemaSnapshot);

        await _service.PutAsync("policies/policy", new() { ["value"] = "<policies><inbound><validate-content><content schema-id=\"order\" /></validate-content></inbound></policies>" });

        var schemas = (await _service.CurrentAsync()).Entities.OfType<SchemaSnapshot>().ToDictionary(schema => schema.Key, schema => schema.Text);
        Assert.Equal("{\"type\":\"object\"}", schemas["schemas/order"]);
        Assert.Equal("<x/>", schemas["schemas/part"]);
    }

    [Fact]
    public async Task Applying_every_change_to_the_first_snapshot_gives_the_last_one()
    {
        var entities = new Dictionary<string, SnapshotEntity>((await _service.CurrentAsync()).Entities.Select(entity => KeyValuePair.Create(entity.Key, entity)));
        var revision = (await _service.CurrentAsync()).Revision;
        Func<Task>[] steps =
        [
            () => _service.PutAsync("products/p", new() { ["displayName"] = "P" }),
            () => _service.PutAsync("products/p/apis/echo", []),
            () => _service.PutAsync("subscriptions/s", new() { ["displayName"] = "s", ["scope"] = $"{Service}/products/p", ["state"] = "active", ["ownerId"] = $"{Service}/users/u" }),
            () => _service.PutAsync("users/u", new() { ["email"] = "u@x", ["firstName"] = "U", ["lastName"] = "X" }),
            () => _service.PutAsync("groups/g", new() { ["displayName"] = "G" }),
            () => _service.PutAsync("groups/g/users/u", []),
            () => _service.PutAsync("policies/policy", new() { ["value"] = "<policies><inbound><include-fragment fragment-id=\"f\" /></inbound></policies>" }),
            () => _service.PutAsync("policyFragments/f", new() { ["value"] = "<fragment>{{secret}}<set-backend-service backend-id=\"b\" /></fragment>" }),
            () => _service.PutAsync("namedValues/secret", new() { ["displayName"] = "secret", ["value"] = "x" }),
            () => _service.PutAsync("backends/b", new() { ["url"] = "https://{{host}}/b", ["protocol"] = "http" }),
            () => _service.PutAsync("namedValues/h", new() { ["displayName"] = "host", ["value"] = "two.example" }),
            () => _service.PutAsync("groups/g", new() { ["displayName"] = "Renamed" }),
            () => _service.PutAsync("apis/echo/operations/post", new() { ["displayName"] = "Post", ["method"] = "POST", ["urlTemplate"] = "/post" }),
            () => _service.RemoveAsync("apis/echo/operations/get"),
            () => _service.RemoveAsync("products/p"),
            () => _service.RemoveAsync("policies/policy"),
            () => _service.RemoveAsync("gateways/lab/apis/echo"),
        ];
        foreach (var step in steps)
        {
            await step();
            var since = await _service.ChangesAsync(revision);
            Assert.False(since.ResyncRequired);
            if (since.Change is { } change)
            {
                change.Removed.ToList().ForEach(key => entities.Remove(key));
                change.Put.ToList().ForEach(entity => entities[entity.Key] = entity);
                revision = change.Revision;
                Assert.Equal(change.Hash, SnapshotHash.OfSet(entities.Select(pair => KeyValuePair.Create(pair.Key, SnapshotHash.Of(pair.Value)))));
            }
        }

        using var anew = _service.NewReplica();
        var rebuilt = (await anew.CurrentAsync(Gateway, Cancellation))!;
        Assert.Equal(rebuilt.Entities.Select(entity => entity.Key), entities.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(rebuilt.Hash, (await _service.CurrentAsync()).Hash);
    }

    [Fact]
    public async Task Named_values_in_addresses_are_filled_in_and_follow_their_changes()
    {
        var before = await _service.CurrentAsync();
        Assert.Equal("https://one.example/echo", before.Entities.OfType<ApiSnapshot>().Single().ServiceUrl);

        await _service.PutAsync("namedValues/h", new() { ["displayName"] = "host", ["value"] = "two.example" });

        var since = await _service.ChangesAsync(before.Revision);
        Assert.Equal("https://two.example/echo", Assert.IsType<ApiSnapshot>(Assert.Single(since.Change!.Put)).ServiceUrl);
    }

    [Fact]
    public async Task Changes_that_concern_other_gateways_only_are_no_changes()
    {
        var before = await _service.CurrentAsync();
        await _service.PutAsync("apis/other", new() { ["displayName"] = "Other", ["path"] = "other" });
        await _service.PutAsync("gateways/elsewhere", []);
        await _service.PutAsync("gateways/elsewhere/apis/other", []);
        await _service.PutAsync("namedValues/unused", new() { ["displayName"] = "unused", ["value"] = "x" });

        Assert.Equal(default, await _service.ChangesAsync(before.Revision));
        Assert.Equal(before.Hash, (await _service.CurrentAsync()).Hash);
    }

    [Fact]
    public async Task A_revision_from_before_this_process_or_from_the_future_needs_the_snapshot()
    {
        var current = await _service.CurrentAsync();

        Assert.True((await _service.ChangesAsync(current.Revision - 1)).ResyncRequired);
        Assert.True((await _service.ChangesAsync(current.Revision + 1_000)).ResyncRequired);
    }

    [Fact]
    public async Task A_gateway_that_is_removed_has_nothing_any_more()
    {
        await _service.CurrentAsync();
        await _service.RemoveAsync("gateways/lab");

        Assert.Null(await _service.Publications.CurrentAsync(Gateway, Cancellation));
        Assert.True((await _service.ChangesAsync(1)).ResyncRequired);
    }

    [Fact]
    public async Task Another_replica_continues_from_a_revision_that_this_one_gave()
    {
        using var replica = _service.NewReplica();
        await replica.CurrentAsync(Gateway, Cancellation);
        var current = await _service.CurrentAsync();
        await _service.PutAsync("policies/policy", new() { ["value"] = "<policies />" });
        await _service.PutAsync("namedValues/unrelated", new() { ["displayName"] = "u", ["value"] = "x" });
        var here = (await _service.ChangesAsync(current.Revision)).Change!;

        await _service.PutAsync("apis/echo", new() { ["displayName"] = "Echo 2", ["path"] = "echo" });
        var there = await replica.ChangesAfterAsync(Gateway, here.Revision, 100, Cancellation);

        Assert.False(there.ResyncRequired);
        Assert.Contains("apis/echo", there.Change!.Put.Select(entity => entity.Key));
        Assert.Equal((await _service.CurrentAsync()).Hash, there.Change.Hash);
    }
}

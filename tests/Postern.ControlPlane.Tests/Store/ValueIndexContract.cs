using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Tests.Store;

/// <summary>Finding resources by their members; run against each database.</summary>
public abstract class ValueIndexContract : IAsyncLifetime
{
    private const string Apis = "Microsoft.ApiManagement/service/apis";
    private const string Service = "/subscriptions/s/resourceGroups/Rg/providers/Microsoft.ApiManagement/service/Contoso";

    private StoreOptions _options = null!;
    private IResourceStore _store = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _options = await CreateAsync();
        _store = await SqlResourceStore.OpenAsync(_options, TimeProvider.System, Cancellation);
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    protected abstract Task<StoreOptions> CreateAsync();

    protected abstract string Explain { get; }

    private protected abstract ISqlDatabase Database { get; }

    /// <summary>Runs a statement of the test's own.</summary>
    protected abstract Task<IReadOnlyList<string>> QueryAsync(StoreOptions options, string sql);

    private static readonly string[] Filters =
    [
        "displayName eq 'ORDERS 3'",
        "properties/displayName eq 'orders 3'",
        "'orders 3' eq displayName",
        "name eq 'API-7'",
        "startswith(displayName, 'orders 1')",
        "endswith(path, '/7')",
        "contains(displayName, 'S 1')",
        "substringof('100%', displayName)",
        "contains(displayName, '_')",
        "contains(displayName, '\\')",
        "contains(displayName, 'ß')",
        "startswith(displayName, 'İ')",
        "isCurrent eq true",
        "isCurrent eq false",
        "isCurrent eq 'true'",
        "contains(isCurrent, 'r')",
        "displayName eq null",
        "displayName eq true",
        "displayName eq 7",
        "displayName eq '2026-01-01T00:00:00Z'",
        "contains(description, 'tail')",
        "endswith(description, 'tail')",
        "startswith(description, 'xxxx')",
        "description eq 'short'",
        "contains(displayName, 'orders') and isCurrent eq false",
        "isCurrent eq true and endswith(path, '2') and name ne 'api-12'",
        "displayName eq 'orders 1' or displayName eq 'orders 2'",
        "not (displayName eq 'orders 1')",
        "displayName ne 'orders 1'",
        "name gt 'api-5'",
        "displayName eq ''",
        "contains(displayName, '')",
        "serviceUrl eq 'https://backend.example/7'",
        "contains(serviceUrl, 'example/1')",
    ];

    [Fact]
    public async Task A_filter_finds_by_the_index_what_looking_at_everything_finds()
    {
        await SeedAsync();
        var all = await _store.ListAsync(Service, Apis, 0, null, Cancellation);
        foreach (var text in Filters)
        {
            Assert.True(ODataFilter.TryParse(text, out var filter, out var problem), problem);
            var expected = all.Where(row => filter!.Matches(Wrap(row))).Select(row => row.Name).ToList();
            if (FilterPlan.For(filter!, Service, Apis) is not { } plan)
            {
                continue;
            }

            var found = await _store.FindByValueAsync(plan.Query, 0, null, Cancellation);
            var names = found.Rows.Where(row => plan.IsExact || filter!.Matches(Wrap(row))).Select(row => row.Name);
            Assert.True(expected.SequenceEqual(names), $"{text}: {string.Join(' ', names)} found, {string.Join(' ', expected)} expected");
            if (plan.IsExact)
            {
                var page = await _store.FindByValueAsync(plan.Query, 1, 2, Cancellation);
                Assert.Equal(expected.Count, page.Count);
                Assert.Equal(expected.Skip(1).Take(2), page.Rows.Select(row => row.Name));
            }
        }
    }

    [Theory]
    [InlineData("displayName eq 'x'", true)]
    [InlineData("properties/path eq 'x'", true)]
    [InlineData("startswith(name, 'x')", true)]
    [InlineData("contains(displayName, 'x')", true)]
    [InlineData("endswith(path, 'x')", true)]
    [InlineData("isCurrent eq true", true)]
    [InlineData("contains(description, 'x')", false)]
    [InlineData("displayName eq 'x' and path ne 'y'", false)]
    public void The_filters_that_clients_send_are_answered_by_the_index(string text, bool exact)
    {
        Assert.True(ODataFilter.TryParse(text, out var filter, out _));

        Assert.Equal(exact, FilterPlan.For(filter!, Service, Apis)!.IsExact);
    }

    [Fact]
    public async Task The_index_follows_what_is_changed_and_removed()
    {
        var id = $"{Service}/apis/a";
        await PutAsync(id, new() { ["displayName"] = "one", ["path"] = "p" });
        Assert.Equal(["a"], await NamesAsync("displayName", "ONE"));

        await PutAsync(id, new() { ["displayName"] = "two", ["path"] = "p" });
        Assert.Empty(await NamesAsync("displayName", "one"));
        Assert.Equal(["a"], await NamesAsync("displayName", "two"));
        Assert.Equal(["a"], await NamesAsync("path", "p"));

        await _store.WriteAsync([new(id, Apis, null, "x")], Cancellation);
        Assert.Empty(await NamesAsync("displayName", "two"));
        Assert.Equal(["0"], await QueryAsync(_options, "SELECT count(*) FROM resource_values"));
    }

    [Fact]
    public async Task A_write_that_is_undone_leaves_the_index_as_it_was()
    {
        await PutAsync($"{Service}/apis/a", new() { ["displayName"] = "one" });

        var outcome = await _store.WriteAsync(
            [
                new($"{Service}/apis/a", Apis, """{"properties":{"displayName":"two"}}""", "x"),
                new($"{Service}/apis/b", Apis, "{}", "x", IfMatch: "*"),
            ],
            Cancellation);

        Assert.NotNull(outcome.Conflict);
        Assert.Equal(["a"], await NamesAsync("displayName", "one"));
        Assert.Empty(await NamesAsync("displayName", "two"));
    }

    [Fact]
    public async Task A_store_that_another_version_wrote_is_indexed_when_it_is_opened()
    {
        await SeedAsync();
        var before = await QueryAsync(_options, "SELECT count(*) FROM resource_values");
        await QueryAsync(_options, "DELETE FROM resource_values");
        await QueryAsync(_options, "UPDATE settings SET value = 0");

        await _store.DisposeAsync();
        _store = await SqlResourceStore.OpenAsync(_options, TimeProvider.System, Cancellation);

        Assert.Equal(before, await QueryAsync(_options, "SELECT count(*) FROM resource_values"));
        Assert.Equal(["api-3"], await NamesAsync("displayName", "orders 3"));
    }

    [Theory]
    [InlineData(ValueMatch.Equal)]
    [InlineData(ValueMatch.StartsWith)]
    [InlineData(ValueMatch.Contains)]
    public async Task No_statement_walks_through_the_resources(ValueMatch match)
    {
        await _store.WriteAsync([.. Enumerable.Range(0, 2000).Select(i => Write($"{Service}/apis/api-{i}", new() { ["displayName"] = $"orders {i}" }))], Cancellation);
        await QueryAsync(_options, "ANALYZE");
        var query = new ValueQuery(Service, Apis, "displayName", match, "orders 7");
        string Literal(string sql) => ValueParameters.Of(query).Append(("@root", ResourceIds.Key(Service))).Append(("@top", 100L)).Append(("@skip", 0L))
            .OrderByDescending(parameter => parameter.Item1.Length)
            .Aggregate(sql, (text, parameter) => text.Replace(parameter.Item1, parameter.Item2 is string value ? $"'{value}'" : $"{parameter.Item2}", StringComparison.Ordinal));

        var plan = string.Join('\n', await QueryAsync(_options, $"{Explain} {Literal(StoreStatements.FindByValue(query, Database))}"));

        Assert.DoesNotContain("SCAN resources", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on resources", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("SCAN resource_values", plan, StringComparison.Ordinal);
    }

    private async Task SeedAsync()
    {
        var writes = Enumerable.Range(0, 16).Select(i => Write($"{Service}/apis/api-{i}", new()
        {
            ["displayName"] = $"Orders {i}",
            ["path"] = $"shop/{i}",
            ["isCurrent"] = i % 2 == 0,
            ["serviceUrl"] = $"https://backend.example/{i}",
            ["description"] = i % 4 == 0 ? new string('x', 600) + "tail" : "short",
        })).ToList();
        writes.Add(Write($"{Service}/apis/odd-1", new() { ["displayName"] = "100% of_it\\", ["path"] = "o1" }));
        writes.Add(Write($"{Service}/apis/odd-2", new() { ["displayName"] = "Straße İstanbul", ["path"] = "o2" }));
        writes.Add(Write($"{Service}/apis/odd-3", new() { ["displayName"] = "zero \0 inside", ["path"] = "o3" }));
        writes.Add(Write($"{Service}/apis/odd-4", new() { ["displayName"] = "2026-01-01T00:00:00.000Z", ["path"] = "o4" }));
        writes.Add(Write($"{Service}/apis/odd-5", new() { ["displayName"] = "true", ["path"] = "o5", ["description"] = new string('y', 511) + "\U0001F600" }));
        writes.Add(Write($"{Service}/apis/odd-6", []));
        writes.Add(Write($"{Service}2/apis/api-3", new() { ["displayName"] = "Orders 3" }));
        await _store.WriteAsync(writes, Cancellation);
    }

    private static ResourceWrite Write(string id, JsonObject properties) => new(id, Apis, new JsonObject { ["properties"] = properties }.ToJsonString(), "x");

    private async Task PutAsync(string id, JsonObject properties) => await _store.WriteAsync([Write(id, properties)], Cancellation);

    private async Task<IEnumerable<string>> NamesAsync(string member, string text) =>
        (await _store.FindByValueAsync(new(Service, Apis, member, ValueMatch.Equal, text), 0, null, Cancellation)).Rows.Select(row => row.Name);

    private static JsonObject Wrap(ResourceRow row)
    {
        var body = (JsonObject)JsonNode.Parse(row.Body)!;
        body["name"] = row.Name;
        body["id"] = row.Id;
        return body;
    }
}

using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Tests.Store;

/// <summary>Finding resources by their members; run against each database.</summary>
public abstract class ValueIndexContract(TestDatabase database) : StoreSuite(database)
{
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
        "isCurrent ne true",
        "isCurrent",
        "not isCurrent",
        "isCurrent eq 'true'",
        "displayName ne true",
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
        "'api-5' gt name",
        "displayName ge 'ORDERS 4'",
        "displayName lt 'orders 4'",
        "displayName le 'orders 4'",
        "displayName gt 'straße 𐐀'",
        "description gt 'xxxx'",
        "isCurrent gt 'a'",
        "description ne 'short'",
        "description ne null",
        "type eq 'anything'",
        "apiRevision ne '1'",
        "displayName eq ''",
        "contains(displayName, '')",
        "serviceUrl eq 'https://backend.example/7'",
        "contains(serviceUrl, 'example/1')",
    ];

    [Fact]
    public async Task A_filter_finds_by_the_index_what_looking_at_everything_finds()
    {
        await SeedAsync();
        var all = await Store.ListAsync(Service, Apis, 0, null, Cancellation);
        var members = await Store.MembersAsync(Service, Apis, Cancellation);
        var random = new Random(20261120);
        string Combined(int depth) => depth == 0
            ? Filters[random.Next(Filters.Length)]
            : random.Next(5) switch
            {
                0 or 1 => $"({Combined(depth - 1)}) and ({Combined(depth - 1)})",
                2 or 3 => $"({Combined(depth - 1)}) or ({Combined(depth - 1)})",
                _ => $"not ({Combined(depth - 1)})",
            };
        foreach (var text in Filters.Concat(Enumerable.Range(0, 500).Select(i => Combined(1 + (i % 3)))))
        {
            Assert.True(ODataFilter.TryParse(text, out var filter, out var problem), problem);
            if (FilterPlan.For(filter!, Apis)?.Select(members) is not { } selection)
            {
                continue;
            }

            var expected = all.Where(row => filter!.Matches(Wrap(row))).Select(row => row.Name).ToList();
            var found = await Store.ListNamesAsync(Service, Apis, selection.Names(0, int.MaxValue), Cancellation);
            Assert.Equal(selection.Count, found.Count);
            var names = found.Where(row => selection.IsExact || filter!.Matches(Wrap(row))).Select(row => row.Name);
            Assert.True(expected.SequenceEqual(names), $"{text}: {string.Join(' ', names)} found, {string.Join(' ', expected)} expected");
            if (selection.IsExact)
            {
                Assert.Equal(expected.Skip(1).Take(2), selection.Names(1, 2), StringComparer.OrdinalIgnoreCase);
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
    [InlineData("displayName ne 'x'", true)]
    [InlineData("not contains(displayName, 'x')", true)]
    [InlineData("displayName eq 'x' or path eq 'y'", true)]
    [InlineData("displayName ge 'x' and name lt 'y'", true)]
    [InlineData("contains(description, 'x')", true)]
    [InlineData("contains(description, 'tail')", false)]
    [InlineData("displayName eq 'Orders 1' and apiRevision eq '1'", false)]
    public async Task The_filters_that_clients_send_are_answered_by_the_index(string text, bool exact)
    {
        await SeedAsync(longTexts: text.Contains("tail", StringComparison.Ordinal));
        Assert.True(ODataFilter.TryParse(text, out var filter, out _));

        Assert.Equal(exact, FilterPlan.For(filter!, Apis)!.Select(await Store.MembersAsync(Service, Apis, Cancellation)).IsExact);
    }

    [Fact]
    public async Task Members_are_as_a_new_reader_sees_them_after_any_changes()
    {
        await using var replica = await OpenAsync();
        var random = new Random(20261120);
        for (var round = 0; round < 40; round++)
        {
            var writes = Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.Next(400)).Distinct().Select(i => random.Next(4) == 0
                ? new ResourceWrite($"{Service}/apis/A{i}", Apis, null, "x")
                : Write($"{Service}/apis/a{i}", random.Next(3) == 0 ? [] : new() { ["displayName"] = $"d{random.Next(1000)}", ["isCurrent"] = i % 2 == 0 }));
            await (round % 2 == 0 ? Store : replica).WriteAsync([.. writes], Cancellation);

            await using var fresh = await OpenAsync();
            var expected = Content(await fresh.MembersAsync(Service, Apis, Cancellation));
            Assert.Equal(expected, Content(await Store.MembersAsync(Service, Apis, Cancellation)));
            Assert.Equal(expected, Content(await replica.MembersAsync(Service.ToUpperInvariant(), Apis, Cancellation)));
            Assert.Equal(
                (await Store.ListAsync(Service, Apis, 0, null, Cancellation)).Select(row => ResourceIds.Key(row.Name)),
                (await Store.MembersAsync(Service, Apis, Cancellation)).Blocks.SelectMany(block => block.Names));
        }

        // More changes than are worth following.
        await Store.WriteAsync([.. Enumerable.Range(0, 5500).Select(i => Write($"{Service}/apis/b{i}", []))], Cancellation);
        Assert.Equal(await Store.CountAsync(Service, Apis, Cancellation), (await Store.MembersAsync(Service, Apis, Cancellation)).Count);
    }

    [Fact]
    public async Task A_place_in_the_list_is_found_without_walking_to_it()
    {
        string[] names = ["zz", "a", "B", "c;rev=2", "c", "ü", "\uFF21", "\U00010400"];
        await Store.WriteAsync([.. names.Select(name => Write($"{Service}/apis/{name}", [])).Concat(Enumerable.Range(0, 200).Select(i => Write($"{Service}/apis/d{i}", [])))], Cancellation);

        var listed = await Store.ListAsync(Service, Apis, 0, null, Cancellation);
        var members = await Store.MembersAsync(Service, Apis, Cancellation);

        Assert.Equal(listed.Select(row => ResourceIds.Key(row.Name)), Enumerable.Range(0, listed.Count).Select(place => members.NameAt(place)!));
        Assert.Null(members.NameAt(listed.Count));
        foreach (var row in listed.Reverse())
        {
            // Also where they are put in one after the other.
            await Store.WriteAsync([new(row.Id, Apis, null, "x"), Write(row.Id, [])], Cancellation);
        }

        Assert.Equal(listed.Select(row => ResourceIds.Key(row.Name)), (await Store.MembersAsync(Service, Apis, Cancellation)).Blocks.SelectMany(block => block.Names));
    }

    [Theory]
    [InlineData("ab", "a", 1)]
    [InlineData("a", "a", 0)]
    [InlineData("a", "b", -1)]
    [InlineData("\uFF21", "\U00010400", -1)]
    [InlineData("\U00010401", "\U00010400", 1)]
    public void Names_are_ordered_by_code_points(string left, string right, int order)
    {
        Assert.Equal(order, Math.Sign(MemberRow.Compare(left, right)));
        Assert.Equal(-order, Math.Sign(MemberRow.Compare(right, left)));
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

        await Store.WriteAsync([new(id, Apis, null, "x")], Cancellation);
        Assert.Empty(await NamesAsync("displayName", "two"));
        Assert.Equal(["0"], await Database.QueryAsync(Options, "SELECT count(*) FROM resource_values"));
    }

    [Fact]
    public async Task A_write_that_is_undone_leaves_the_index_as_it_was()
    {
        await PutAsync($"{Service}/apis/a", new() { ["displayName"] = "one" });

        var outcome = await Store.WriteAsync(
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
    public async Task AStore_that_another_version_wrote_is_indexed_when_it_is_opened()
    {
        await SeedAsync();
        var before = await Database.QueryAsync(Options, "SELECT count(*) FROM resource_values");
        await Database.QueryAsync(Options, "DELETE FROM resource_values");
        await Database.QueryAsync(Options, "UPDATE settings SET value = 0");

        await ReopenAsync();

        Assert.Equal(before, await Database.QueryAsync(Options, "SELECT count(*) FROM resource_values"));
        Assert.Equal(["api-3"], await NamesAsync("displayName", "orders 3"));
    }

    [Fact]
    public async Task No_statement_walks_through_the_resources()
    {
        await Store.WriteAsync([.. Enumerable.Range(0, 2000).Select(i => Write($"{Service}/apis/api-{i}", new() { ["displayName"] = $"orders {i}" }))], Cancellation);
        (string Name, object Value)[] values =
        [
            ("@collection", IndexedMembers.Key(Service, Apis)), ("@member", "displayName"), ("@text", "ORDERS 7"), ("@top", 100L),
            ("@root", ResourceIds.Key(Service)),
            .. Enumerable.Range(0, 10).Select(i => ($"@key{i}", (object)ResourceIds.KeyOf(Service, Apis, $"api-{i}"))),
        ];
        string Literal(string sql) => values.Aggregate(
            sql, (text, parameter) => text.Replace(parameter.Name, parameter.Value is string value ? $"'{value}'" : $"{parameter.Value}", StringComparison.Ordinal));

        async Task CheckAsync(string when)
        {
            foreach (var sql in (string[])[StoreStatements.FindByValue(Database.Dialect), StoreStatements.ListKeys(10, Database.Dialect)])
            {
                var plan = string.Join('\n', await Database.QueryAsync(Options, $"{Database.Explain} {Literal(sql)}"));

                Assert.All((string[])["SCAN resource", "Seq Scan", "Filter: "], walk => Assert.False(plan.Contains(walk, StringComparison.Ordinal), $"{when}:\n{plan}"));
            }
        }

        await CheckAsync("before the database has looked at its tables");
        await Database.QueryAsync(Options, "ANALYZE");
        await CheckAsync("when it knows how much is in them");
    }

    [Theory]
    [InlineData($"{Service}/apis/a", Apis)]
    [InlineData($"{Service}/apis/a/operations/get", $"{Apis}/operations")]
    [InlineData(Service, "Microsoft.ApiManagement/service")]
    [InlineData($"{Service}/providers/Microsoft.Authorization/roleAssignments/r", "Microsoft.Authorization/roleAssignments")]
    public void Keys_are_made_of_what_ids_are_taken_apart_into(string id, string type) =>
        Assert.Equal(ResourceIds.Key(id), ResourceIds.KeyOf(ResourceIds.ParentOf(id), type, ResourceIds.NameOf(id)));

    private static IEnumerable<string> Content(MemberTable table) =>
        from block in table.Blocks
        from row in Enumerable.Range(0, block.Names.Count)
        select $"{block.Names[row]}: {string.Join('|', block.Row(row).Texts.Select(text => text ?? "-"))}";

    private async Task SeedAsync(bool longTexts = true)
    {
        var writes = Enumerable.Range(0, 16).Select(i => Write($"{Service}/apis/api-{i}", new()
        {
            ["displayName"] = $"Orders {i}",
            ["path"] = $"shop/{i}",
            ["isCurrent"] = i % 2 == 0,
            ["serviceUrl"] = $"https://backend.example/{i}",
            ["description"] = longTexts && i % 4 == 0 ? new string('x', 600) + "tail" : "short",
        })).ToList();
        writes.Add(Write($"{Service}/apis/odd-1", new() { ["displayName"] = "100% of_it\\", ["path"] = "o1" }));
        writes.Add(Write($"{Service}/apis/odd-2", new() { ["displayName"] = "Straße İstanbul", ["path"] = "o2" }));
        writes.Add(Write($"{Service}/apis/odd-3", new() { ["displayName"] = "zero \0 inside", ["path"] = "o3" }));
        writes.Add(Write($"{Service}/apis/odd-4", new() { ["displayName"] = "2026-01-01T00:00:00.000Z", ["path"] = "o4" }));
        writes.Add(Write($"{Service}/apis/odd-5", new() { ["displayName"] = "true", ["path"] = "o5", ["description"] = longTexts ? new string('y', 511) + "\U0001F600" : "y" }));
        writes.Add(Write($"{Service}/apis/odd-6", []));
        writes.Add(Write($"{Service}2/apis/api-3", new() { ["displayName"] = "Orders 3" }));
        await Store.WriteAsync(writes, Cancellation);
    }

    private static ResourceWrite Write(string id, JsonObject properties) => new(id, Apis, new JsonObject { ["properties"] = properties }.ToJsonString(), "x");

    private async Task PutAsync(string id, JsonObject properties) => await Store.WriteAsync([Write(id, properties)], Cancellation);

    private async Task<IEnumerable<string>> NamesAsync(string member, string text) =>
        (await Store.FindByValueAsync(new(Service, Apis, member, text), null, Cancellation)).Select(row => row.Name);

    private static JsonObject Wrap(ResourceRow row)
    {
        var body = (JsonObject)JsonNode.Parse(row.Body)!;
        body["name"] = row.Name;
        body["id"] = row.Id;
        return body;
    }
}

using System.Globalization;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Tests.Store;

/// <summary>What every store must do; run against each database.</summary>
public abstract class StoreContract(TestDatabase database) : StoreSuite(database)
{
    private const string Type = Apis;
    private const string Gateway = Service + "/gateways/edge";

    [Fact]
    public async Task A_resource_is_found_in_any_casing_and_keeps_the_casing_of_its_creator()
    {
        await PutAsync($"{Service}/apis/Echo", """{"a":1}""");

        var row = await Store.FindAsync($"{Service}/APIS/ECHO", Cancellation);

        Assert.Equal($"{Service}/apis/Echo", row!.Id);
        Assert.Equal("Echo", row.Name);
        Assert.Equal(Service, row.ParentId);
        Assert.Equal("""{"a":1}""", row.Body);
    }

    [Fact]
    public async Task Each_write_makes_a_new_ETag_and_keeps_who_created_it()
    {
        var first = (await PutAsync($"{Service}/apis/echo", "{}", by: "ann")).Rows[0]!;
        var outcome = await PutAsync($"{Service}/apis/ECHO", """{"b":2}""", by: "bob");
        var second = outcome.Rows[0]!;

        Assert.False(outcome.Created[0]);
        Assert.NotEqual(first.ETag, second.ETag);
        Assert.Equal(("ann", "bob", "echo"), (second.CreatedBy, second.ModifiedBy, second.Name));
        Assert.True(second.Revision > first.Revision);
    }

    [Fact]
    public async Task A_precondition_that_does_not_hold_undoes_the_whole_set()
    {
        await PutAsync($"{Service}/apis/a", "{}");
        var stale = new ResourceWrite($"{Service}/apis/a", Type, "{}", "x", IfMatch: "AAAA");

        var outcome = await Store.WriteAsync([new($"{Service}/apis/b", Type, "{}", "x"), stale], Cancellation);

        Assert.Same(stale, outcome.Conflict);
        Assert.Null(await Store.FindAsync($"{Service}/apis/b", Cancellation));
        Assert.Equal(1, await Store.RevisionAsync(Cancellation));
    }

    [Fact]
    public async Task A_check_writes_nothing_and_undoes_the_set_when_what_it_checks_has_changed()
    {
        var row = (await PutAsync($"{Service}/apis/a", "{}")).Rows[0]!;
        var absent = new ResourceWrite($"{Service}/apis/b", Type, null, "", MustNotExist: true) { IsCheck = true };
        var write = new ResourceWrite($"{Service}/apis/c", Type, "{}", "x");

        Assert.Null((await Store.WriteAsync([write, ResourceWrite.Unchanged(row), absent], Cancellation)).Conflict);
        Assert.Equal(row, await Store.FindAsync(row.Id, Cancellation));
        Assert.Equal(2, await Store.RevisionAsync(Cancellation));

        await PutAsync(row.Id, """{"b":2}""");
        var stale = ResourceWrite.Unchanged(row);
        Assert.Same(stale, (await Store.WriteAsync([write, stale], Cancellation)).Conflict);
        await PutAsync(absent.Id, "{}");
        Assert.Same(absent, (await Store.WriteAsync([write, absent], Cancellation)).Conflict);
        Assert.Equal(4, await Store.RevisionAsync(Cancellation));
    }

    [Fact]
    public async Task Create_only_and_must_exist_are_honoured()
    {
        await PutAsync($"{Service}/apis/a", "{}");

        var again = await Store.WriteAsync([new($"{Service}/apis/A", Type, "{}", "x", MustNotExist: true)], Cancellation);
        var absent = await Store.WriteAsync([new($"{Service}/apis/b", Type, "{}", "x", IfMatch: "*")], Cancellation);

        Assert.NotNull(again.Conflict);
        Assert.NotNull(absent.Conflict);
    }

    [Fact]
    public async Task A_list_is_ordered_by_name_paged_counted_and_holds_direct_children_only()
    {
        foreach (var name in (string[])["c", "B", "a"])
        {
            await PutAsync($"{Service}/apis/{name}", "{}");
            await Store.WriteAsync([new($"{Service}/apis/{name}/operations/x", $"{Type}/operations", "{}", "x")], Cancellation);
        }

        await PutAsync($"{Service}2/apis/other", "{}");

        Assert.Equal(["a", "B", "c"], (await Store.ListAsync(Service, Type, 0, null, Cancellation)).Select(row => row.Name));
        Assert.Equal(["B"], (await Store.ListAsync(Service, Type.ToUpperInvariant(), 1, 1, Cancellation)).Select(row => row.Name));
        Assert.Equal(4, (await Store.ListAsync("", Type, 0, null, Cancellation)).Count);
        Assert.Equal(3, await Store.CountAsync(Service, Type, Cancellation));
        Assert.Equal(4, await Store.CountAsync("", Type, Cancellation));
    }

    [Fact]
    public async Task Removing_takes_everything_below_and_nothing_beside()
    {
        await PutAsync($"{Service}/apis/a", "{}");
        await PutAsync($"{Service}/apis/a/operations/x", "{}");
        await PutAsync($"{Service}/apis/ab", "{}");
        await PutAsync($"{Service}/apis/a;rev=2", "{}");

        var outcome = await Store.WriteAsync([new($"{Service}/apis/A", Type, null, "x")], Cancellation);

        Assert.Null(outcome.Rows[0]);
        Assert.Equal(["a;rev=2", "ab"], (await Store.ListBelowAsync(Service, Cancellation)).Select(row => row.Name));
        var changes = (await Store.ChangesAfterAsync(4, 100, Cancellation)).Select(change => (change.Id, change.Removed));
        Assert.Equal([($"{Service}/apis/a", true), ($"{Service}/apis/a/operations/x", true)], changes);
    }

    [Fact]
    public async Task Removing_what_is_not_there_makes_no_revision()
    {
        await Store.WriteAsync([new($"{Service}/apis/a", Type, null, "x")], Cancellation);

        Assert.Equal(0, await Store.RevisionAsync(Cancellation));
    }

    [Fact]
    public async Task The_change_log_gives_whole_revisions_in_order()
    {
        await Store.WriteAsync([new($"{Service}/apis/a", Type, "{}", "x"), new($"{Service}/apis/b", Type, "{}", "x")], Cancellation);
        await PutAsync($"{Service}/apis/c", "{}");

        var page = await Store.ChangesAfterAsync(0, 1, Cancellation);
        var rest = await Store.ChangesAfterAsync(1, 100, Cancellation);

        Assert.Equal([(1L, $"{Service}/apis/a"), (1L, $"{Service}/apis/b")], page.Select(change => (change.Revision, change.Id)));
        Assert.Equal([(2L, $"{Service}/apis/c")], rest.Select(change => (change.Revision, change.Id)));
    }

    [Fact]
    public async Task A_waiter_is_woken_by_the_next_write()
    {
        var waiting = Store.WaitForChangeAsync(0, Cancellation);
        Assert.False(waiting.IsCompleted);

        await PutAsync($"{Service}/apis/a", "{}");

        await waiting.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
    }

    [Fact]
    public async Task What_was_written_is_there_after_opening_again()
    {
        await PutAsync($"{Service}/apis/a", "{}");
        await ReopenAsync();

        Assert.NotNull(await Store.FindAsync($"{Service}/apis/a", Cancellation));
        Assert.Equal(1, await Store.RevisionAsync(Cancellation));
    }

    [Fact]
    public async Task Gateway_events_are_bounded_by_number_of_their_type_and_by_age()
    {
        var rows = ((IGatewayTelemetryRows)Store).Events;
        var start = new DateTimeOffset(2026, 11, 20, 10, 0, 0, TimeSpan.Zero);
        List<GatewayEventRow> many = [.. Enumerable.Range(0, GatewayEventRows.MostOfType + 5).Select(i => new GatewayEventRow($"e{i}", start.AddSeconds(i), "often", "{}"))];
        await rows.AddAsync(Gateway, [new("rare", start, "rare", "{}")], start, Cancellation);
        await rows.AddAsync(Gateway, many, start, Cancellation);

        var kept = await rows.ListAsync(Gateway.ToUpperInvariant(), start, start.AddDays(1), 10_000, Cancellation);
        Assert.Equal(GatewayEventRows.MostOfType + 1, kept.Count);
        Assert.Equal(("e504", "rare"), (kept[0].Id, kept[^1].Id));

        Assert.Empty(await rows.AddAsync(Gateway, [many[^1]], start.AddDays(1), Cancellation));
        Assert.Empty(await rows.ListAsync(Gateway, start, start.AddDays(1), 10_000, Cancellation));
    }

    [Fact]
    public async Task Only_the_newest_traces_of_a_gateway_are_kept()
    {
        var rows = ((IGatewayTelemetryRows)Store).Traces;
        var start = new DateTimeOffset(2026, 11, 20, 10, 0, 0, TimeSpan.Zero);
        await rows.AddAsync(Gateway, [.. Enumerable.Range(0, GatewayTraceRows.Most + 1).Select(i => new GatewayTraceRow($"t{i}", start.AddSeconds(i), $"body {i}"))], start, Cancellation);

        Assert.Null(await rows.FindAsync(Gateway, "t0", Cancellation));
        Assert.Equal("body 1", await rows.FindAsync(Gateway.ToUpperInvariant(), "t1", Cancellation));
        Assert.Null(await rows.FindAsync(Gateway + "x", "t1", Cancellation));
    }

    [Fact]
    public async Task Metrics_are_summed_up_by_period_and_forgotten_when_they_are_old()
    {
        var rows = ((IGatewayTelemetryRows)Store).Metrics;
        var grain = new MetricGrain(TimeSpan.FromHours(1), TimeSpan.FromDays(2));
        var start = new DateTimeOffset(2026, 11, 20, 10, 0, 0, TimeSpan.Zero);
        await rows.AddAsync(Gateway, "a", [Point(start.AddMinutes(1), 4, 2), Point(start.AddMinutes(50), 6, 1), Point(start.AddMinutes(61), 1, 1)], [grain], start, Cancellation);
        await rows.AddAsync(Gateway, "a", [Point(start, 100, 100)], [grain], start, Cancellation);

        var sums = await rows.ListAsync(Gateway, grain.Length, start, start.AddDays(1), 100, Cancellation);
        Assert.Equal([(start, 2L, 10d, 1d, 6d), (start.AddHours(1), 1L, 1d, 1d, 1d)], sums.Select(row => (row.At, row.Count, row.Sum, row.Min, row.Max)));

        await rows.AddAsync(Gateway, "b", [Point(start.AddDays(3), 1, 1)], [grain], start.AddDays(3), Cancellation);
        Assert.Equal(start.AddDays(3), Assert.Single(await rows.ListAsync(Gateway, grain.Length, start, start.AddDays(9), 100, Cancellation)).At);
    }

    [Fact]
    public async Task Thirty_two_writers_with_ETags_on_two_replicas_lose_no_update()
    {
        const int Writers = 32;
        const int Each = 8;
        var id = $"{Service}/apis/counter";
        await PutAsync(id, "0");
        await using var replica = await OpenAsync();
        var refused = 0;

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            var store = writer % 2 == 0 ? Store : replica;
            for (var done = 0; done < Each;)
            {
                var row = (await store.FindAsync(id, Cancellation))!;
                var next = (int.Parse(row.Body, CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture);
                var outcome = await store.WriteAsync([new(id, Type, next, "x", IfMatch: row.ETag)], Cancellation);
                done += outcome.Conflict is null ? 1 : 0;
                Interlocked.Add(ref refused, outcome.Conflict is null ? 0 : 1);
            }
        })));

        Assert.Equal($"{Writers * Each}", (await Store.FindAsync(id, Cancellation))!.Body);
        Assert.Equal(1 + (Writers * Each), await Store.RevisionAsync(Cancellation));
        Assert.True(refused > 0, "the writers never met");
    }

    private static MetricRow Point(DateTimeOffset at, double sum, double min) => new(at, "Duration", "h", "{}", 1, sum, min, sum);

    private ValueTask<StoreOutcome> PutAsync(string id, string body, string by = "someone") =>
        Store.WriteAsync([new(id, Type, body, by)], Cancellation);
}

using System.Net;
using Microsoft.AspNetCore.Http;
using Postern.Gateway.Quotas;
using Postern.Gateway.Tests.Parts;
using Postern.Policies.Runtime;
using Postern.Testing;

namespace Postern.Gateway.Tests.Quotas;

public sealed class QuotaTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_bandwidth_quota_counts_what_went_both_ways_with_or_without_declared_lengths()
    {
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            await context.Response.Body.WriteAsync(new byte[30_000]);
        });
        await using var gateway = await StartAsync(backend.Address, """<quota-by-key bandwidth="100" renewal-period="3600" counter-key="@(context.Request.Headers.GetValueOrDefault("X-Key",""))" />""");

        // 100 KB are 102,400 bytes: 25,000 and 30,000 go each time, and what is used up is known only afterwards.
        foreach (var chunked in (bool[])[false, true])
        {
            var statuses = new List<HttpStatusCode>();
            for (var i = 0; i < 3; i++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/echo/x") { Content = new ByteArrayContent(new byte[25_000]) };
                request.Headers.TransferEncodingChunked = chunked;
                request.Headers.Add("X-Key", $"{chunked}");
                using var response = await gateway.Client.SendAsync(request);
                statuses.Add(response.StatusCode);
                await response.Content.ReadAsByteArrayAsync();
            }

            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Forbidden], statuses);
        }
    }

    [Fact]
    public async Task Quotas_go_on_after_a_restart_and_their_file_tells_nothing()
    {
        await using var backend = await TestBackend.StartAsync(context => context.Response.WriteAsync("ok"));
        await using var gateway = await StartAsync(backend.Address, """<quota-by-key calls="3" renewal-period="0" counter-key="customer-4711" />""", mountFolder: true);
        Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));
        Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));

        await gateway.Server.DisposeAsync();
        var file = Path.Combine(gateway.Backup, "quotas.backup");
        Assert.DoesNotContain("customer", System.IO.File.ReadAllText(file), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(file));
        await gateway.RestartServerAsync();
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));
        using var refused = await gateway.GetAsync("/echo/x");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

        // A damaged file costs the counts and nothing else.
        await gateway.Server.DisposeAsync();
        System.IO.File.WriteAllText(file, "PGQ1 but nothing more that would make sense to anybody who reads it");
        await gateway.RestartServerAsync();
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));
        Assert.Equal(1, gateway.Logs.CountOf("QuotasNotRead"));
    }

    [Fact]
    public void Instances_that_share_the_folder_keep_the_highest_count_of_the_latest_period()
    {
        using var folder = new TemporaryFolder();
        var one = File(folder, "one");
        var two = File(folder, "two");
        one.Save([Count("a", calls: 5, bytes: 1), Count("b", start: 0, calls: 9), Count("over", end: -1, calls: 9)], Now);
        two.Save([Count("a", calls: 3, bytes: 7), Count("b", start: 1, calls: 1), Count("c", calls: 2)], Now);

        var loaded = one.Load().OrderBy(count => count.Key).Select(count => (count.Key, count.Calls, count.Bytes));

        Assert.Equal([("a", 5L, 7L), ("b", 1L, 0L), ("c", 2L, 0L)], loaded);
    }

    [Fact]
    public void The_file_is_bounded()
    {
        using var folder = new TemporaryFolder();
        var file = File(folder, "one");
        file.Save([Count(new string('x', 10_000), calls: 1), .. Enumerable.Range(0, QuotaFile.Most + 500).Select(i => Count($"key{i}", calls: i))], Now);

        var loaded = file.Load();

        Assert.Equal(QuotaFile.Most, loaded.Count);
        Assert.Contains(loaded, count => count.Key == $"key{QuotaFile.Most + 499}");
    }

    [Fact]
    public void Another_gateway_or_another_credential_cannot_read_it()
    {
        using var folder = new TemporaryFolder();
        File(folder, "one").Save([Count("a", calls: 1)], Now);

        Assert.Throws<InvalidDataException>(() => new QuotaFile(folder.Path, "other", "one", new byte[] { 1, 2, 3 }).Load());
        Assert.Throws<InvalidDataException>(() => new QuotaFile(folder.Path, "edge", "one", new byte[] { 1, 2, 4 }).Load());
    }

    private static QuotaFile File(TemporaryFolder folder, string instance) => new(folder.Path, "edge", instance, new byte[] { 1, 2, 3 });

    private static QuotaCount Count(string key, int start = 0, int end = 100, long calls = 0, long bytes = 0) =>
        new(key, Now.AddMinutes(start - 10), Now.AddMinutes(end), calls, bytes);

    private static async Task<TestGateway> StartAsync(Uri backend, string policy, bool mountFolder = false)
    {
        var gateway = await TestGateway.PrepareAsync();
        if (mountFolder)
        {
            Directory.CreateDirectory(gateway.Backup);
        }

        gateway.Configuration.Put(
            [Entities.Service, Entities.Api("echo", "echo", backend.ToString()), Entities.Policy("apis/echo", $"<policies><inbound>{policy}</inbound><backend><forward-request /></backend></policies>")]);
        await gateway.StartServerAsync();
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(30));
        return gateway;
    }
}

using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;

namespace Postern.Gateway.Tests.Loading;

public sealed class LoadingTests
{
    private static readonly ErrorBody Forbidden = new("AuthorizationFailed", "The principal p has no role with the data action at or above the scope.", null, "A403");

    [Fact]
    public async Task A_gateway_is_ready_with_its_first_configuration_and_tells_so()
    {
        await using var gateway = await TestGateway.StartAsync();

        foreach (var path in new[] { GatewayProbes.Status, GatewayProbes.InternalStatus, GatewayProbes.MisprintedStatus })
        {
            using var probe = await gateway.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, probe.StatusCode);
            Assert.Equal("", await probe.Content.ReadAsStringAsync());
        }

        await Until.TrueAsync(() => !gateway.Configuration.Heartbeats.IsEmpty);
        Assert.True(gateway.Configuration.Heartbeats.TryDequeue(out var heartbeat));
        Assert.Equal(2, heartbeat.AppliedRevision);
        Assert.Null(heartbeat.RejectedRevision);
        Assert.All(gateway.Configuration.Authorizations, authorization => Assert.Equal("GatewayKey edge&202601010000&c2lnbmF0dXJl", authorization));
        Assert.Contains("GET /gateways/edge/snapshot", gateway.Configuration.Requests);
    }

    [Fact]
    public async Task A_gateway_that_never_had_a_configuration_is_not_ready_and_answers_503()
    {
        await using var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Refusal = (HttpStatusCode.Forbidden, Forbidden);
        await gateway.StartServerAsync();
        await Until.TrueAsync(() => gateway.Logs.CountOf("ConfigurationApiV2NotAvailable") == 1);

        using var probe = await gateway.GetAsync(GatewayProbes.Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, probe.StatusCode);
        Assert.Contains("AuthorizationFailed", await probe.Content.ReadAsStringAsync());
        using var response = await gateway.GetAsync("/echo/x");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Matches("^\\{ \"statusCode\": 503, \"message\": \"[^\"]+\" \\}$", await response.Content.ReadAsStringAsync());

        var (level, _, text, _) = gateway.Logs.Records.Single(record => record.Event == "ConfigurationApiV2NotAvailable");
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains("StatusCode: Forbidden", text);
        Assert.Contains(Forbidden.Message, text);
    }

    [Fact]
    public async Task A_change_is_served_in_well_under_a_second_and_fails_no_request()
    {
        await using var first = await TestBackend.StartAsync(context => context.Response.WriteAsync("1"));
        await using var second = await TestBackend.StartAsync(context => context.Response.WriteAsync("2"));
        await using var gateway = await TestGateway.ToAsync(first.Address);
        using var stop = new CancellationTokenSource();
        var calls = 0;
        var load = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var response = await gateway.GetAsync("/echo/x");
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                Interlocked.Increment(ref calls);
            }
        })).ToArray();

        var slowest = TimeSpan.Zero;
        for (var i = 0; i < 20; i++)
        {
            var (backend, answer) = i % 2 == 0 ? (second, "2") : (first, "1");
            var began = TimeProvider.System.GetTimestamp();
            gateway.Configuration.Put(Entities.Api("echo", "echo", backend.Address.ToString()));
            await Until.TrueAsync(async () => await gateway.Client.GetStringAsync("/echo/x") == answer);
            var took = TimeProvider.System.GetElapsedTime(began);
            slowest = took > slowest ? took : slowest;
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);
        Assert.True(slowest < TimeSpan.FromSeconds(2), $"The slowest change took {slowest}.");
        Assert.True(calls > 20);
    }

    [Fact]
    public async Task A_refusal_is_told_once_and_what_runs_goes_on_running()
    {
        await using var backend = await TestBackend.StartAsync(context => context.Response.WriteAsync("ok"));
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        gateway.Configuration.Refusal = (HttpStatusCode.Forbidden, Forbidden);
        gateway.Configuration.Put(Entities.Api("other", "other"));
        await Until.TrueAsync(() => gateway.Logs.CountOf("ConfigurationApiV2NotAvailable") == 1);

        Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));
        using var probe = await gateway.GetAsync(GatewayProbes.Status);
        Assert.Equal(HttpStatusCode.OK, probe.StatusCode);
    }

    [Fact]
    public async Task A_damaged_change_is_not_applied_and_told()
    {
        await using var backend = await TestBackend.StartAsync(context => context.Response.WriteAsync("ok"));
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        gateway.Configuration.Damaged = true;
        gateway.Configuration.Put(Entities.Api("echo", "moved", backend.Address.ToString()));
        await Until.TrueAsync(() => gateway.Configuration.Heartbeats.Any(heartbeat => heartbeat.RejectedRevision == 3));

        Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));
        Assert.Equal(2, gateway.Server.AppliedRevision);
        Assert.Contains(gateway.Configuration.Heartbeats, heartbeat => heartbeat.RejectedReason?.Contains("hash", StringComparison.Ordinal) == true && heartbeat.AppliedRevision == 2);
    }

    [Fact]
    public async Task A_revision_that_the_server_forgot_is_fetched_whole()
    {
        await using var backend = await TestBackend.StartAsync(context => context.Response.WriteAsync("ok"));
        await using var gateway = await TestGateway.StartAsync();

        gateway.Configuration.ForgetsEvents = true;
        gateway.Configuration.Put(Entities.Api("echo", "echo", backend.Address.ToString()));
        gateway.Configuration.Put(Entities.Api("echo2", "echo2", backend.Address.ToString()));
        await Until.TrueAsync(() => gateway.Server.AppliedRevision >= 3);
        gateway.Configuration.ForgetsEvents = false;

        Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));
    }

    [Fact]
    public async Task What_is_removed_is_gone()
    {
        await using var backend = await TestBackend.StartAsync(context => context.Response.WriteAsync("ok"));
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        gateway.Configuration.Remove("apis/echo");

        await Until.TrueAsync(async () => (await gateway.GetAsync("/echo/x")).StatusCode == HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_gateway_starts_from_its_backup_when_the_control_plane_is_away()
    {
        await using var backend = await TestBackend.StartAsync(context => context.Response.WriteAsync("ok"));
        await using var gateway = await TestGateway.PrepareAsync();
        Directory.CreateDirectory(gateway.Backup);
        gateway.Configuration.Put([Entities.Service, Entities.Api("echo", "echo", backend.Address.ToString()), Entities.Subscription("s", "all")]);
        await gateway.StartServerAsync();
        await Until.TrueAsync(() => Directory.EnumerateFiles(gateway.Backup, "configuration.backup").Any());
        await gateway.Server.DisposeAsync();
        Assert.DoesNotContain("s-primary", File.ReadAllText(Path.Combine(gateway.Backup, "configuration.backup")));

        gateway.Configuration.Refusal = (HttpStatusCode.ServiceUnavailable, new("Unavailable", "Away."));
        await gateway.RestartServerAsync();
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal("ok", await gateway.Client.GetStringAsync("/echo/x"));
        Assert.Equal(1, gateway.Logs.CountOf("EventSnapshotRestored"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_backup_that_is_damaged_or_foreign_is_not_used(bool foreign)
    {
        await using var gateway = await TestGateway.PrepareAsync();
        Directory.CreateDirectory(gateway.Backup);
        gateway.Configuration.Put(Entities.Service);
        await gateway.StartServerAsync();
        var file = Path.Combine(gateway.Backup, "configuration.backup");
        await Until.TrueAsync(() => File.Exists(file));
        await gateway.Server.DisposeAsync();
        gateway.Configuration.Refusal = (HttpStatusCode.ServiceUnavailable, new("Unavailable", "Away."));
        if (!foreign)
        {
            var bytes = File.ReadAllBytes(file);
            bytes[^1] ^= 1;
            File.WriteAllBytes(file, bytes);
        }

        await gateway.RestartServerAsync(foreign ? [("config.service.auth", "GatewayKey edge&202601010000&b3RoZXI=")] : []);
        await Until.TrueAsync(() => gateway.Logs.CountOf("BackupUnusable") == 1);

        using var probe = await gateway.GetAsync(GatewayProbes.Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, probe.StatusCode);
    }

    [Fact]
    public async Task An_endpoint_whose_certificate_is_not_trusted_gets_no_credentials_unless_validation_is_off()
    {
        await using var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put(Entities.Service);
        await gateway.StartServerAsync(roots: Postern.Hosting.Tls.TrustedRoots.System);
        await Until.TrueAsync(() => gateway.Logs.Records.Any(record => record.Text.Contains("G224", StringComparison.Ordinal)));
        Assert.Empty(gateway.Configuration.Authorizations);
        await gateway.Server.DisposeAsync();

        await gateway.StartServerAsync(roots: Postern.Hosting.Tls.TrustedRoots.System, ("config.service.endpoint.disableCertificateValidation", "true"));
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_request_keeps_the_state_that_it_began_with()
    {
        var arrived = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            arrived.TrySetResult();
            await go.Task;
            await context.Response.WriteAsync("finished");
        });
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        var request = gateway.Client.GetStringAsync("/echo/x");
        await arrived.Task;
        var revision = gateway.Configuration.Remove("apis/echo");
        await Until.TrueAsync(() => gateway.Server.AppliedRevision == revision);
        using var next = await gateway.GetAsync("/echo/x");
        Assert.Equal(HttpStatusCode.NotFound, next.StatusCode);
        go.SetResult();

        Assert.Equal("finished", await request);
    }

    [Fact]
    public async Task Stopping_lets_requests_in_flight_finish()
    {
        var arrived = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            arrived.TrySetResult();
            await go.Task;
            await context.Response.WriteAsync("finished");
        });
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        var request = gateway.Client.GetStringAsync("/echo/x");
        await arrived.Task;
        var stopping = gateway.Server.DisposeAsync();
        await Until.TrueAsync(async () =>
        {
            try
            {
                using var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress);
                return false;
            }
            catch (System.Net.Sockets.SocketException)
            {
                return true;
            }
        });
        go.SetResult();

        Assert.Equal("finished", await request);
        await stopping;
    }

    [Fact]
    public async Task A_taken_port_is_named()
    {
        await using var gateway = await TestGateway.StartAsync();

        var taken = await Assert.ThrowsAsync<Postern.Hosting.ListenException>(() => gateway.StartAnotherOnAsync(gateway.Server.HttpAddress.Port));

        Assert.Equal(gateway.Server.HttpAddress.Port, taken.Port);
    }
}

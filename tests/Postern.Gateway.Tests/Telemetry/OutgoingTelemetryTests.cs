using System.Net;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;
using Postern.Testing;
using Until = Postern.Gateway.Tests.Parts.Until;

namespace Postern.Gateway.Tests.Telemetry;

public sealed class OutgoingTelemetryTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_configuration_is_an_event()
    {
        await using var gateway = await TestGateway.StartAsync();

        var happened = await EventAsync(gateway, GatewayEventTypes.ConfigurationApplied);

        Assert.Equal("/configuration", happened.Subject);
        Assert.Equal(0, happened.Data["problemCount"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_configuration_that_is_not_applied_is_an_event_with_its_reason_and_so_is_the_next_good_one()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Configuration.Remove("service");

        var rejected = await EventAsync(gateway, GatewayEventTypes.ConfigurationRejected);
        gateway.Configuration.Put(Entities.Service);

        Assert.Contains("does not say which service", rejected.Data["reason"]!.GetValue<string>());
        await Until.TrueAsync(() => Events(gateway).Count(happened => happened.Type == GatewayEventTypes.ConfigurationApplied) == 2);
    }

    [Fact]
    public async Task Events_of_an_outage_arrive_when_it_is_over()
    {
        var time = new ManualTime();
        await using var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put(Entities.Service);
        await gateway.StartServerAsync(options => options with { Time = time });
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        await EventAsync(gateway, GatewayEventTypes.ConfigurationApplied);

        gateway.Configuration.Refusal = (HttpStatusCode.ServiceUnavailable, new("Away", "It is away."));
        gateway.Configuration.Put(Entities.Api("echo", "echo"));
        await Until.TrueAsync(() => Passing(time, () => gateway.Logs.CountOf("ConfigurationApiV2NotAvailable") > 0));
        Assert.DoesNotContain(Events(gateway), happened => happened.Type == GatewayEventTypes.ControlPlaneUnreachable);
        gateway.Configuration.Refusal = null;

        await Until.TrueAsync(() => Passing(time, () => Events(gateway).Any(happened => happened.Type == GatewayEventTypes.ControlPlaneReachable)));
        var outage = Events(gateway).Single(happened => happened.Type == GatewayEventTypes.ControlPlaneUnreachable);
        var over = Events(gateway).Single(happened => happened.Type == GatewayEventTypes.ControlPlaneReachable);
        Assert.Equal(outage.Time, over.Data["unreachableSinceUtc"]!.GetValue<DateTime>());
        Assert.True(over.Time >= outage.Time);
    }

    [Fact]
    public async Task The_last_part_of_a_minute_goes_up_when_the_gateway_stops()
    {
        var gateway = await TestGateway.StartAsync();
        using (var answer = await gateway.GetAsync("/nowhere"))
        {
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        await gateway.Server.DisposeAsync();

        var batch = Assert.Single(gateway.Configuration.Metrics);
        Assert.Contains(batch.Points, point => point.Name == "Requests" && point.Count == 1 && point.Dimensions["GatewayResponseCode"] == "404");
        await gateway.DisposeAsync();
    }

    [Fact]
    public async Task Host_names_that_callers_make_up_neither_fill_the_metrics_nor_spoil_a_batch()
    {
        var gateway = await TestGateway.StartAsync();
        var served = 0;
        foreach (var host in Enumerable.Range(0, 150).Select(i => $"host{i}.example").Prepend(new string('h', 300)))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/nowhere");
            Assert.True(request.Headers.TryAddWithoutValidation("Host", host));
            using var answer = await gateway.Client.SendAsync(request, Cancellation);

            // A server may refuse such a host itself, before it is a request.
            served += answer.StatusCode == HttpStatusCode.NotFound ? 1 : 0;
        }

        await gateway.Server.DisposeAsync();

        var points = gateway.Configuration.Metrics.SelectMany(batch => batch.Points).Where(point => point.Name == "Requests").ToList();
        Assert.InRange(served, 150, 151);
        Assert.Equal(101, points.Count);
        Assert.Equal(served, points.Sum(point => point.Count));
        Assert.Equal(served - 100, points.Single(point => point.Dimensions["Hostname"].Length == 0).Count);
        await gateway.DisposeAsync();
    }

    private static async Task<GatewayEvent> EventAsync(TestGateway gateway, string type)
    {
        await Until.TrueAsync(() => Events(gateway).Any(happened => happened.Type == type));
        return Events(gateway).First(happened => happened.Type == type);
    }

    private static List<GatewayEvent> Events(TestGateway gateway) => [.. gateway.Configuration.Events.SelectMany(batch => batch.Events)];

    private static bool Passing(ManualTime time, Func<bool> done)
    {
        time.Advance(TimeSpan.FromSeconds(0.5));
        return done();
    }
}

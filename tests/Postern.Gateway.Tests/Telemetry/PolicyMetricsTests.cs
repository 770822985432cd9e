using Postern.Gateway.Telemetry;
using Postern.Gateway.Tests.Parts;
using Postern.Gateway.Tests.Programs;
using Postern.Testing;

namespace Postern.Gateway.Tests.Telemetry;

public sealed class PolicyMetricsTests
{
    [Fact]
    public async Task What_emit_metric_counts_reaches_the_control_plane_with_its_dimensions()
    {
        var time = new ManualTime();
        await using var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put(
            Entities.Service,
            Entities.Api("shop", "shop", operations: ["GET /*"]),
            PolicyServicesTests.Inbound("""
                <emit-metric name="Weight" namespace="Store" value="@(double.Parse(context.Request.OriginalUrl.Query["w"][0]))">
                <dimension name="API ID" /><dimension name="Colour" value="@(context.Request.OriginalUrl.Query["c"][0])" /></emit-metric><return-response />
                """));
        await gateway.StartServerAsync(options => options with { Time = time });
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(30));

        foreach (var query in (string[])["w=2&c=red", "w=5.5&c=red", "w=1&c=blue"])
        {
            using var answer = await gateway.GetAsync($"/shop/x?{query}");
            Assert.True(answer.IsSuccessStatusCode);
        }

        time.Advance(TimeSpan.FromMinutes(1));

        await Parts.Until.TrueAsync(() => Task.FromResult(gateway.Configuration.Metrics.Any(batch => batch.Points.Any(point => point.Name == "Weight"))));
        var points = gateway.Configuration.Metrics.SelectMany(batch => batch.Points).Where(point => point.Name == "Weight").OrderBy(point => point.Dimensions["Colour"]).ToList();
        Assert.Equal(["blue", "red"], points.Select(point => point.Dimensions["Colour"]));
        Assert.All(points, point => Assert.Equal(("Store", "shop"), (point.Namespace, point.Dimensions["API ID"])));
        Assert.Equal((2, 7.5, 2, 5.5), (points[1].Count, points[1].Sum, points[1].Min, points[1].Max));
    }

    [Fact]
    public void Series_that_callers_can_make_are_bounded_and_nothing_is_lost_from_the_sum()
    {
        var metrics = new PolicyMetrics();
        for (var i = 0; i < PolicyMetrics.MostSeries * 3; i++)
        {
            metrics.Add("n", "Calls", 1, [new("Caller", i.ToString())]);
        }

        var (points, dropped) = metrics.Drain();

        Assert.Equal(PolicyMetrics.MostSeries + 1, points.Count);
        Assert.Equal(PolicyMetrics.MostSeries * 3, points.Sum(point => point.Sum));
        Assert.Equal(PolicyMetrics.MostSeries * 2, Assert.Single(points, point => point.Dimensions.ContainsKey(PolicyMetrics.Overflow)).Count);
        Assert.Equal(0, dropped);
        Assert.Empty(metrics.Drain().Points);
    }

    [Fact]
    public void Values_that_the_receiver_would_refuse_are_made_fit_and_those_that_are_no_number_left_out()
    {
        var metrics = new PolicyMetrics();
        metrics.Add("n", "Calls", 1, [new("Text", new string('x', 1000)), new("Control", "a\r\nb")]);
        metrics.Add("n", "Calls", double.NaN, [new("Text", "y")]);

        var point = Assert.Single(metrics.Drain().Points);

        Assert.Equal((PolicyMetrics.LongestValue, "a  b"), (point.Dimensions["Text"].Length, point.Dimensions["Control"]));
    }
}

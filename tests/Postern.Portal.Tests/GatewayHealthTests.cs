using Postern.Portal.Health;
using Postern.Portal.Management;

namespace Postern.Portal.Tests;

public sealed class GatewayHealthTests
{
    [Theory]
    [InlineData("", HealthKind.None, "no nodes connected")]
    [InlineData("Healthy", HealthKind.Healthy, "1 node")]
    [InlineData("Healthy Healthy Healthy", HealthKind.Healthy, "3 nodes")]
    [InlineData("Healthy Failed", HealthKind.Failed, "1 of 2 nodes failed")]
    [InlineData("Healthy Stale Failed", HealthKind.Failed, "1 of 3 nodes failed")]
    [InlineData("Stale", HealthKind.Failed, "1 node silent")]
    [InlineData("Healthy Stale", HealthKind.Degraded, "1 of 2 nodes healthy")]
    [InlineData("Healthy Strange", HealthKind.Failed, "1 of 2 nodes failed")]
    public void The_mark_follows_the_nodes(string states, HealthKind kind, string text)
    {
        var health = GatewayHealth.Of([.. states.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(state => Instance(state))]);

        Assert.Equal(kind, health.Kind);
        Assert.Equal(text, health.Text);
        Assert.Equal(kind is HealthKind.None or HealthKind.Healthy, health.Reason is null);
    }

    [Fact]
    public void A_refused_revision_is_the_reason() =>
        Assert.Equal("pod-a refused revision 8: P101 at line 3", GatewayHealth.Of([Instance("Failed", rejected: 8, reason: "P101 at line 3")]).Reason);

    [Fact]
    public void A_node_without_configuration_says_so() =>
        Assert.Equal("pod-a has no configuration yet", GatewayHealth.Of([Instance("Failed", applied: null)]).Reason);

    [Theory]
    [InlineData(0, "just now")]
    [InlineData(59, "59 s ago")]
    [InlineData(150, "2 min ago")]
    [InlineData(3 * 3600, "3 h ago")]
    [InlineData(5 * 86400, "5 days ago")]
    public void Times_are_told_in_one_unit(int seconds, string text) =>
        Assert.Equal(text, Ago.Since(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(seconds)));

    private static InstanceContract Instance(string state, long? applied = 7, long? rejected = null, string? reason = null) =>
        new("i", new InstancePropertiesContract("pod-a", "0.1.0", 60, DateTimeOffset.UnixEpoch, state, applied, rejected, reason));
}

using System.Text;
using Postern.Gateway.Caching.Redis;

namespace Postern.Gateway.Tests.Caching;

public sealed class RedisTopologyTests
{
    [Theory]
    [InlineData("123456789", 0x31C3)]
    [InlineData("foo", 12182)]
    [InlineData("{user1000}.following", 3443)]
    [InlineData("{}foo", 9500)]
    [InlineData("", 0)]
    public void A_key_has_the_slot_that_the_specification_says(string key, int slot) => Assert.Equal(slot % RedisSlot.Count, RedisSlot.Of(Encoding.UTF8.GetBytes(key)));

    [Theory]
    [InlineData("MOVED 3999 10.0.0.2:6381", "10.0.0.2:6381", true)]
    [InlineData("ASK 3999 10.0.0.2:6381", "10.0.0.2:6381", false)]
    [InlineData("MOVED 3999 :6381", "known:6381", true)]
    [InlineData("MOVED 3999 fd00::2:6381", "[fd00::2]:6381", true)]
    [InlineData("MOVED 3999 redis-1.example:6381", "redis-1.example:6381", true)]
    [InlineData("MOVED 16384 10.0.0.2:6381", null, true)]
    [InlineData("MOVED 3999 10.0.0.2:0", null, true)]
    [InlineData("MOVED 3999 10.0.0.2", null, true)]
    [InlineData("ERR unknown command", null, true)]
    public void A_redirection_is_read(string error, string? holder, bool lasting)
    {
        var read = RedisRedirection.Read(error, "known");

        Assert.Equal(holder, read?.Holder.ToString());
        Assert.Equal(lasting, read?.IsLasting ?? lasting);
    }

    [Fact]
    public void What_members_say_of_each_other_is_read()
    {
        const string Text = """
            07c3 10.0.0.1:30004@31004,name4 slave e7d1 0 1426238317239 4 connected
            67ed 10.0.0.2:30002@31002,name2 master - 0 1426238316232 2 connected 5461-10922 16383
            292f fd00::3:30003@31003 master - 0 1426238318243 3 connected 10923-16382
            e7d1 :30001@31001 myself,master - 0 0 1 connected 0-5460 [93-<-292f]
            bad! 10.0.0.9:0@0 master,noaddr - 0 0 1 disconnected 1-2
            worse 10.0.0.9:1@0 master - 0 0 1 connected 99999-1 x
            """;

        var topology = RedisTopology.Read(Text, "known");

        Assert.Equal("known:30001", topology.HolderOf(0)?.ToString());
        Assert.Equal("10.0.0.2:30002", topology.HolderOf(5461)?.ToString());
        Assert.Equal("10.0.0.2:30002", topology.HolderOf(16383)?.ToString());
        Assert.Equal("[fd00::3]:30003", topology.HolderOf(16382)?.ToString());
        Assert.Equal(3, topology.Members.Count);
    }
}

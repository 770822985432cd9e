using Postern.Gateway.Forwarding;

namespace Postern.Gateway.Tests.Forwarding;

public sealed class HopByHopTests
{
    [Theory]
    [InlineData("close, X-Drop", true)]
    [InlineData("x-drop", true)]
    [InlineData("a,X-Drop ,b", true)]
    [InlineData("X-Drop2, close", false)]
    [InlineData("keep-alive", false)]
    [InlineData("", false)]
    public void A_connection_header_names_others(string connection, bool named) => Assert.Equal(named, HopByHop.IsNamed(connection, "X-Drop"));

    [Theory]
    [InlineData("connection")]
    [InlineData("Keep-Alive")]
    [InlineData("TRANSFER-ENCODING")]
    [InlineData("Upgrade")]
    [InlineData("Proxy-Connection")]
    public void Headers_of_one_connection_are_known(string name)
    {
        Assert.True(HopByHop.IsRequestHeader(name));
        Assert.True(HopByHop.IsResponseHeader(name));
    }
}

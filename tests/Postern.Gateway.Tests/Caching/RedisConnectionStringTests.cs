using System.Security.Authentication;
using Postern.Gateway.Caching.Redis;
using Postern.Snapshots.Redis;

namespace Postern.Gateway.Tests.Caching;

public sealed class RedisConnectionStringTests
{
    [Fact]
    public void The_form_that_the_portal_of_a_managed_Redis_shows_is_read()
    {
        var options = RedisConnectionString.Parse("contoso.redis.example:6380,password=c2VjcmV0=,ssl=True,abortConnect=False");

        Assert.Equal(new RedisEndpoint("contoso.redis.example", 6380), Assert.Single(options.Endpoints));
        Assert.Equal(("c2VjcmV0=", true, null, 0), (options.Password, options.Tls, options.User, options.Database));
        Assert.Equal(TimeSpan.FromSeconds(5), options.ConnectTimeout);
        Assert.DoesNotContain("c2Vj", options.ToString());
    }

    [Fact]
    public void Every_option_that_means_something_here_is_read()
    {
        var options = RedisConnectionString.Parse(
            " one , two:7000 ,[::1]:7001, user = app , password=a=b=c , SSL=false, sslHost=other.example, sslProtocols=tls12|tls13, connectTimeout=1500, defaultDatabase=3, name=edge, keepAlive=60, syncTimeout=1000");

        Assert.Equal(["one:6379", "two:7000", "[::1]:7001"], options.Endpoints.Select(endpoint => endpoint.ToString()));
        Assert.Equal(("app", "a=b=c", false, "other.example", 3, "edge"), (options.User, options.Password, options.Tls, options.TlsHost, options.Database, options.ClientName));
        Assert.Equal((TimeSpan.FromSeconds(1.5), SslProtocols.Tls12 | SslProtocols.Tls13), (options.ConnectTimeout, options.Protocols));
    }

    [Fact]
    public void The_usual_port_depends_on_TLS() =>
        Assert.Equal((6379, 6380), (RedisConnectionString.Parse("a").Endpoints[0].Port, RedisConnectionString.Parse("a,ssl=true").Endpoints[0].Port));

    [Theory]
    [InlineData("", "endpoint")]
    [InlineData("password=x", "endpoint")]
    [InlineData("a,pasword=x", "'pasword' is not known")]
    [InlineData("a,ssl=maybe", "'ssl'")]
    [InlineData("a,defaultDatabase=-1", "'defaultDatabase'")]
    [InlineData("a,connectTimeout=soon", "'connectTimeout'")]
    [InlineData("a,sslProtocols=ssl3", "'sslProtocols'")]
    [InlineData("a,serviceName=mymaster", "'serviceName' is not supported")]
    [InlineData("a,password=x,password=y", "twice")]
    [InlineData("redis://a:1", "host:port")]
    [InlineData("/var/run/redis.sock", "host:port")]
    [InlineData("a:99999", "host:port")]
    [InlineData("me:secret@a", "host:port")]
    public void What_cannot_be_understood_is_said_without_its_values(string text, string said)
    {
        var refused = Assert.Throws<FormatException>(() => RedisConnectionString.Parse(text));

        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_with_a_comma_is_not_shown_in_the_message()
    {
        var refused = Assert.Throws<FormatException>(() => RedisConnectionString.Parse("a,password=abc,Topsecret==,ssl=true"));

        Assert.DoesNotContain("Topsecret", refused.Message, StringComparison.Ordinal);
    }
}

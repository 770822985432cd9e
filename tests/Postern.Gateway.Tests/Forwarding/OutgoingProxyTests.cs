using Postern.Gateway.Forwarding;
using Postern.Gateway.Tests.Parts;
using Postern.Policies.Runtime;
using Postern.Snapshots;

namespace Postern.Gateway.Tests.Forwarding;

/// <summary>Through which proxy a backend is called.</summary>
public sealed class OutgoingProxyTests
{
    [Theory]
    [InlineData("localhost", "localhost", 80, true)]
    [InlineData("localhost", "notlocalhost", 80, false)]
    [InlineData("example.com", "api.example.com", 80, true)]
    [InlineData(".example.com", "api.example.com", 80, true)]
    [InlineData("*.example.com", "api.EXAMPLE.com", 80, true)]
    [InlineData(".svc,.cluster.local", "orders.shop.svc.cluster.local", 80, true)]
    [InlineData("example.com", "badexample.com", 80, false)]
    [InlineData("example.com:8080", "example.com", 8080, true)]
    [InlineData("example.com:8080", "example.com", 80, false)]
    [InlineData("10.0.0.0/8, 192.168.1.7", "10.20.30.40", 80, true)]
    [InlineData("10.0.0.0/8, 192.168.1.7", "192.168.1.7", 80, true)]
    [InlineData("10.0.0.0/8, 192.168.1.7", "192.168.1.70", 80, false)]
    [InlineData("1.7", "192.168.1.7", 80, false)]
    [InlineData("fd00::/8", "[fd00::1]", 80, true)]
    [InlineData("::1", "[0:0:0:0:0:0:0:1]", 80, true)]
    [InlineData("*", "anything.example", 80, true)]
    [InlineData("", "anything.example", 80, false)]
    public void No_proxy_is_read_as_the_usual_tools_do(string list, string host, int port, bool direct) =>
        Assert.Equal(direct, new NoProxyList(list).Holds(host, port));

    [Theory]
    [InlineData("HTTP_PROXY=proxy:8080", "http://b.example", "http://proxy:8080/")]
    [InlineData("HTTP_PROXY=http://proxy:8080", "https://b.example", null)]
    [InlineData("HTTPS_PROXY=http://proxy:8080", "https://b.example", "http://proxy:8080/")]
    [InlineData("ALL_PROXY=http://proxy:8080", "https://b.example", "http://proxy:8080/")]
    [InlineData("http_proxy=http://lower:1;HTTP_PROXY=http://upper:1", "http://b.example", "http://lower:1/")]
    [InlineData("HTTP_PROXY=http://proxy:8080;NO_PROXY=b.example", "http://b.example", null)]
    [InlineData("HTTP_PROXY=http://u%20ser:pass%3Aword@proxy:8080", "http://b.example", "http://proxy:8080/ u ser pass:word")]
    public void The_variables_decide_for_backends_that_name_no_proxy(string variables, string backend, string? proxy)
    {
        var values = variables.Split(';').ToDictionary(pair => pair.Split('=')[0], pair => pair.Split('=', 2)[1]);
        var proxies = new OutgoingProxies(name => values.GetValueOrDefault(name));
        var endpoint = new BackendEndpoint(new(backend), null);

        for (var i = 0; i < 2; i++)
        {
            var found = proxies.Of(new PolicyRequest(), endpoint);
            Assert.Equal(proxy, found is null ? null : $"{found.Address} {found.UserName} {found.Password}".TrimEnd());
        }
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2or1")]
    public async Task A_backend_entity_brings_its_own_proxy_with_credentials(string version)
    {
        var requests = new List<string>();
        await using var proxy = new RawBackend(async (stream, request, stopping) =>
        {
            requests.Add(request);
            await stream.WriteAsync(request.Contains("Proxy-Authorization", StringComparison.Ordinal)
                ? "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nproxied"u8.ToArray()
                : "HTTP/1.1 407 Authenticate\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), stopping);
        });
        await using var gateway = await TestGateway.StartAsync(
        [
            .. Parts.Backends.Api("b", $"<forward-request http-version=\"{version}\" />"),
            Parts.Backends.Single("b", new("http://backend.example:81/base")) with { Proxy = new(proxy.Address.ToString(), "user", "secret") },
        ]);

        Assert.Equal("proxied", await gateway.Client.GetStringAsync("/echo/x?y=1"));

        Assert.StartsWith("GET http://backend.example:81/base/x?y=1 HTTP/1.1\r\n", requests[^1]);
        Assert.Contains($"Proxy-Authorization: Basic {Convert.ToBase64String("user:secret"u8)}\r\n", requests[^1], StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.Logs.Records, record => record.Text.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_variables_send_backend_calls_through_the_proxy_except_for_those_that_no_proxy_names()
    {
        await using var proxy = RawBackend.Saying("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nproxied");
        await using var near = RawBackend.Saying("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ndirect");
        await using var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put([Entities.Service, Entities.Api("far", "far", "http://far.example/"), Entities.Api("near", "near", near.Address.ToString())]);
        await gateway.StartServerAsync(options => options with
        {
            Variable = name => name switch
            {
                "HTTP_PROXY" => proxy.Address.ToString(),
                "NO_PROXY" => ".svc,127.0.0.0/8",
                _ => null,
            },
        });
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal("proxied", await gateway.Client.GetStringAsync("/far/x"));
        Assert.Equal("direct", await gateway.Client.GetStringAsync("/near/x"));
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Forwarding;

/// <summary>Names of backends are looked up for each new connection, and connections end in time to notice a change.</summary>
public sealed class BackendNameTests
{
    private static readonly IPAddress Old = IPAddress.Parse("127.0.0.2");
    private static readonly IPAddress New = IPAddress.Parse("127.0.0.3");

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task A_backend_whose_name_leads_elsewhere_is_followed_within_the_lifetime_of_connections(string version)
    {
        var address = Old;
        var looked = new ConcurrentQueue<string>();
        await using var old = await BackendAsync(Old, 0, "old", version);
        await using var moved = await BackendAsync(New, old.Address.Port, "new", version);
        await using var gateway = await StartAsync(old.Address.Port, version, TimeSpan.FromMilliseconds(300), (name, _) =>
        {
            looked.Enqueue(name);
            return Task.FromResult<IPAddress[]>([address]);
        });

        Assert.Equal("old", await gateway.Client.GetStringAsync("/echo/x"));
        address = New;
        await Until.TrueAsync(async () => await gateway.Client.GetStringAsync("/echo/x") == "new");

        Assert.All(looked, name => Assert.Equal("backend.example", name));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task Within_the_lifetime_requests_share_connections_and_look_nothing_up(string version)
    {
        var looked = 0;
        await using var backend = await BackendAsync(Old, 0, "old", version);
        await using var gateway = await StartAsync(backend.Address.Port, version, TimeSpan.FromMinutes(2), (_, _) =>
        {
            Interlocked.Increment(ref looked);
            return Task.FromResult<IPAddress[]>([Old]);
        });

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("old", await gateway.Client.GetStringAsync("/echo/x"));
        }

        Assert.Equal(1, looked);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task An_unknown_name_is_a_connection_failure_and_an_address_that_is_down_is_passed_over(string version)
    {
        await using var backend = await BackendAsync(Old, 0, "old", version);
        IPAddress[] addresses = [];
        await using var gateway = await StartAsync(backend.Address.Port, version, TimeSpan.FromMinutes(2), (_, _) => addresses.Length > 0
            ? Task.FromResult(addresses)
            : Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound)));

        using var unknown = await gateway.GetAsync("/echo/x");
        Assert.Equal("BackendConnectionFailure", unknown.Headers.GetValues("X-Why").Single());
        addresses = [IPAddress.Parse("127.0.0.9"), Old];
        Assert.Equal("old", await gateway.Client.GetStringAsync("/echo/x"));
    }

    private static async Task<TestGateway> StartAsync(int port, string version, TimeSpan lifetime, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
    {
        var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put(
        [
            Entities.Service, Entities.Api("echo", "echo", $"http://backend.example:{port}/"),
            Entities.Policy("apis/echo", $"<policies><inbound /><backend><forward-request http-version=\"{version}\" /></backend><outbound /><on-error><set-header name=\"X-Why\" exists-action=\"override\"><value>@(context.LastError.Reason)</value></set-header></on-error></policies>"),
        ]);
        await gateway.StartServerAsync(options => options with { ResolveBackend = resolve, BackendConnectionLifetime = lifetime });
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(20));
        return gateway;
    }

    private static Task<TestBackend> BackendAsync(IPAddress address, int port, string answer, string version) => TestBackend.StartAsync(
        context => context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes(answer)).AsTask(), new IPEndPoint(address, port),
        version == "2" ? Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http2 : Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http1);
}

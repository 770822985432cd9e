using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Postern.Gateway.Tests.Parts;

/// <summary>A real server that answers as the test says.</summary>
internal sealed class TestBackend : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestBackend(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
    }

    public Uri Address { get; }

    public static async Task<TestBackend> StartAsync(RequestDelegate answer, Action<ListenOptions>? listen = null, Action<WebApplication>? configure = null, IPEndPoint? at = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(server =>
        {
            server.Limits.MaxRequestBodySize = null;
            server.Listen(at ?? new(IPAddress.Loopback, 0), options => listen?.Invoke(options));
        });
        var app = builder.Build();
        configure?.Invoke(app);
        app.Run(answer);
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new(app, new(address.Replace("127.0.0.1", "localhost")));
    }

    /// <summary>At an address of the loopback network, over plain HTTP of one version.</summary>
    public static Task<TestBackend> StartAsync(RequestDelegate answer, IPEndPoint at, HttpProtocols protocols) =>
        StartAsync(answer, listen => listen.Protocols = protocols, null, at);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

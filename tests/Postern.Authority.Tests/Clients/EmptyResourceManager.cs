using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Postern.Hosting;

namespace Postern.Authority.Tests.Clients;

/// <summary>A resource manager without subscriptions, whom clients ask after a login. It keeps the token that they brought.</summary>
internal sealed class EmptyResourceManager : IAsyncDisposable
{
    private readonly WebApplication _application;

    private EmptyResourceManager(WebApplication application, Uri address)
    {
        _application = application;
        Address = address;
    }

    public Uri Address { get; }

    public string Token { get; private set; } = "";

    public static async Task<EmptyResourceManager> StartAsync(X509Certificate2 certificate)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var application = builder.Build();
        EmptyResourceManager? manager = null;
        application.Run(context =>
        {
            manager!.Token = context.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal);
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync("""{"value":[]}""");
        });
        await application.StartAsync();
        var bound = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        manager = new(application, new Uri($"https://localhost:{new Uri(bound).Port}/"));
        return manager;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}

using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Postern.Hosting.Tls;

namespace Postern.ControlPlane.Tests.Access;

internal static class TestListening
{
    public static void ListenLocalhostTls(this KestrelServerOptions kestrel, DevelopmentCertificates certificates) =>
        kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificates.IssueServer("localhost", "127.0.0.1", "*.configuration.example")));

    /// <summary><c>https://localhost:port/</c> of what really listens.</summary>
    public static Uri LoopbackAddress(this WebApplication application)
    {
        var bound = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new($"https://localhost:{BindingAddress.Parse(bound).Port}/");
    }
}

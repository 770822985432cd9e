using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Postern.Hosting;
using Postern.Portal.Web;

namespace Postern.Portal;

/// <summary>The portal: pages about one service, over HTTPS, for whoever knows the access code.</summary>
public sealed class PortalServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private PortalServer(WebApplication application, Uri address, string accessCode)
    {
        _application = application;
        Address = address;
        SignInAddress = new Uri(address, $"signin?code={Uri.EscapeDataString(accessCode)}");
    }

    /// <summary>Where it listens, with the real port.</summary>
    public Uri Address { get; }

    /// <summary>The link that signs its reader in. As secret as the access code in it.</summary>
    public Uri SignInAddress { get; }

    /// <exception cref="ListenException">The port is taken or may not be used.</exception>
    /// <exception cref="ArgumentException">Options that a portal cannot run with.</exception>
    public static async Task<PortalServer> StartAsync(PortalOptions options, CancellationToken cancellation = default)
    {
        options.Check();
        var code = options.AccessCode ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var application = PortalApplication.Build(options with { AccessCode = code });
        try
        {
            await application.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (IOException cause) when (cause is not ListenException)
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw new ListenException("portal", options.Listen.Port, cause);
        }
        catch (SocketException cause)
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw new ListenException("portal", options.Listen.Port, cause);
        }

        return new(application, new UriBuilder("https", options.PublicHost, new Uri(application.Urls.First()).Port).Uri, code);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync().ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
    }
}

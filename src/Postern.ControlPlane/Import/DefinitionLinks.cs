using System.Net;
using System.Net.Sockets;
using System.Text;
using Postern.Hosting.Tls;

namespace Postern.ControlPlane.Import;

/// <summary>
/// Fetches documents that requests link to. Whoever may write an API must not thereby reach what only this machine can reach: private,
/// loopback and link-local addresses are refused at the moment of connecting, redirects included, unless the options allow them.
/// </summary>
internal sealed class DefinitionLinks : IDisposable
{
    private const int MostBytes = 10 << 20;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly Func<IPAddress, bool> _allowed;

    public DefinitionLinks(TrustedRoots roots, bool allowPrivate)
        : this(roots, allowPrivate ? _ => true : IsPublic)
    {
    }

    /// <param name="allowed">Asked for the address that is connected to, at each connection: a name can mean another one later.</param>
    internal DefinitionLinks(TrustedRoots roots, Func<IPAddress, bool> allowed)
    {
        _allowed = allowed;
        var handler = roots.CreateHandler();
        handler.MaxAutomaticRedirections = 5;
        handler.UseProxy = false;
        handler.UseCookies = false;
        handler.AutomaticDecompression = DecompressionMethods.All;
        handler.ConnectCallback = ConnectAsync;
        _http = new(handler) { Timeout = Longest, MaxResponseContentBufferSize = MostBytes };
    }

    /// <returns>The document, or why there is none.</returns>
    public async ValueTask<(string? Text, string? Problem)> FetchAsync(string link, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(link, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0)
        {
            return (null, $"'{link}' is not an http or https URL.");
        }

        try
        {
            using var response = await _http.GetAsync(uri, cancellation);
            return response.IsSuccessStatusCode
                ? (Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(cancellation)).TrimStart('\uFEFF'), null)
                : (null, $"'{link}' answered with status {(int)response.StatusCode}.");
        }
        catch (HttpRequestException error)
        {
            return (null, $"'{link}' could not be fetched: {error.InnerException?.Message ?? error.Message}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, $"'{link}' did not answer within {Longest.TotalSeconds} seconds.");
        }
    }

    public void Dispose() => _http.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellation);
        var allowed = addresses.Where(_allowed).ToArray();
        if (allowed.Length == 0)
        {
            throw new HttpRequestException($"{context.DnsEndPoint.Host} has no public address; links to private networks are not allowed ({ControlPlaneDiagnostics.PrivateLink}).");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    internal static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            return false;
        }

        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            // Also no form of IPv6 that carries an IPv4 address inside: NAT64, 6to4, Teredo, the old compatible form.
            var head = address.GetAddressBytes().AsSpan(0, 12);
            if (head.StartsWith(stackalloc byte[] { 0, 0x64, 0xff, 0x9b }) || head.StartsWith(stackalloc byte[] { 0x20, 0x02 })
                || head.StartsWith(stackalloc byte[] { 0x20, 0x01, 0, 0 }) || !head.ContainsAnyExcept((byte)0))
            {
                return false;
            }

            return !address.IsIPv6LinkLocal && !address.IsIPv6SiteLocal && !address.IsIPv6UniqueLocal && !address.IsIPv6Multicast;
        }

        var bytes = address.GetAddressBytes();
        return (bytes[0], bytes[1]) switch
        {
            (0 or 10 or 127, _) => false,
            (100, >= 64 and <= 127) => false,
            (169, 254) => false,
            (172, >= 16 and <= 31) => false,
            (192, 168) => false,
            (192, 0) when bytes[2] is 0 or 2 => false,
            (198, 18 or 19) => false,
            ( >= 224, _) => false,
            _ => true,
        };
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Text;
using Postern.Gateway.Settings;
using Postern.Hosting.Sockets;
using Postern.Hosting.Tls;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding;

/// <summary>What tells one set of pooled connections from another: connections are never shared between different trust or identity.</summary>
/// <param name="Certificate">Thumbprint of the client certificate; null for none.</param>
internal readonly record struct SocketsClientKey(bool CheckChain, bool CheckName, string? Certificate, OutgoingProxy? Proxy);

/// <summary>The platform's clients, one per way of connecting. Bounded: expressions may compute proxies without end.</summary>
internal sealed class SocketsClients(TlsSettings tls, TrustedRoots roots, bool useProxy) : IDisposable
{
    private const int Limit = 256;

    private readonly ConcurrentDictionary<SocketsClientKey, HttpMessageInvoker> _clients = new();

    public HttpMessageInvoker Of(PolicyRequest message, BackendEndpoint endpoint)
    {
        var backend = endpoint.Backend?.Snapshot;
        var certificate = message.BackendCertificate;
        var key = new SocketsClientKey(
            backend?.ValidateCertificateChain ?? true, backend?.ValidateCertificateName ?? true, certificate?.Thumbprint, message.BackendProxy);
        if (_clients.TryGetValue(key, out var known))
        {
            return known;
        }

        if (_clients.Count >= Limit)
        {
            // What is in flight keeps its client until it ends; only new requests get new connections.
            _clients.Clear();
        }

        return _clients.GetOrAdd(key, key => new(CreateHandler(key, certificate)));
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }

    private SocketsHttpHandler CreateHandler(SocketsClientKey key, System.Security.Cryptography.X509Certificates.X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = PoolStream.Connect,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            UseProxy = useProxy || key.Proxy is not null,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            EnableMultipleHttp2Connections = true,
            MaxResponseHeadersLength = 64,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
            RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        };
        if (key.Proxy is { } proxy)
        {
            handler.Proxy = new WebProxy(proxy.Address)
            {
                Credentials = proxy.UserName is { } user ? new NetworkCredential(user, proxy.Password) : null,
            };
        }

        handler.SslOptions = BackendTls.Options(tls, (_, presented, chain, errors) => roots.Validate(presented, chain, Relaxed(errors, key)));
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        return handler;
    }

    /// <summary>What the backend entity says not to look at is not an error; everything else still is.</summary>
    private static SslPolicyErrors Relaxed(SslPolicyErrors errors, SocketsClientKey key) =>
        errors
        & (key.CheckChain ? ~SslPolicyErrors.None : ~SslPolicyErrors.RemoteCertificateChainErrors)
        & (key.CheckName ? ~SslPolicyErrors.None : ~SslPolicyErrors.RemoteCertificateNameMismatch);
}

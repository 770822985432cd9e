using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Postern.Gateway.Settings;
using Postern.Hosting.Sockets;
using Postern.Hosting.Tls;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding;

/// <summary>What tells one set of pooled connections from another: connections are never shared between different trust or identity.</summary>
/// <param name="Pins">Which server certificates are accepted; null for every trusted one.</param>
/// <param name="Certificate">Thumbprint of the client certificate; null for none.</param>
internal readonly record struct SocketsClientKey(bool CheckChain, bool CheckName, string? Pins, string? Certificate, OutgoingProxy? Proxy);

/// <summary>The platform's clients, one per way of connecting. Bounded: expressions may compute proxies without end.</summary>
internal sealed class SocketsClients(TlsSettings tls, TrustedRoots roots, BackendConnector connector, OutgoingProxies proxies) : IDisposable
{
    private const int Limit = 256;

    private readonly ConcurrentDictionary<SocketsClientKey, HttpMessageInvoker> _clients = new();

    public HttpMessageInvoker Of(PolicyRequest message, BackendEndpoint endpoint)
    {
        var backend = endpoint.Backend;
        var certificate = message.BackendCertificate ?? backend?.ClientCertificate;
        var key = new SocketsClientKey(
            backend?.Snapshot.ValidateCertificateChain ?? true, backend?.Snapshot.ValidateCertificateName ?? true, backend?.Pins?.Key, certificate?.Thumbprint,
            proxies.Of(message, endpoint));
        if (_clients.TryGetValue(key, out var known))
        {
            return known;
        }

        if (_clients.Count >= Limit)
        {
            // What is in flight keeps its client until it ends; only new requests get new connections.
            _clients.Clear();
        }

        return _clients.GetOrAdd(key, key => new(CreateHandler(key, certificate, backend?.Pins)));
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }

    private SocketsHttpHandler CreateHandler(SocketsClientKey key, System.Security.Cryptography.X509Certificates.X509Certificate2? certificate, ServerCertificatePins? pins)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            UseProxy = key.Proxy is not null,
            ActivityHeadersPropagator = null,
            ConnectCallback = connector.ConnectAsync,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            EnableMultipleHttp2Connections = true,
            // Asked for by continue-timeout alone, which has a limit of its own for each request.
            Expect100ContinueTimeout = Timeout.InfiniteTimeSpan,
            // What is left of an answer that nobody wanted may hide another: its connection is closed, not drained.
            MaxResponseDrainSize = 0,
            MaxResponseHeadersLength = 64,
            PooledConnectionLifetime = connector.Lifetime,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
            RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        };
        if (key.Proxy is { } proxy)
        {
            handler.Proxy = new WebProxy(proxy.Address)
            {
                Credentials = proxy.UserName is { } user ? Credential(user, proxy.Password) : null,
            };
        }

        handler.SslOptions = BackendTls.Options(tls, (_, presented, chain, errors) =>
            pins?.Accept(presented, chain, Relaxed(errors, key), roots) ?? roots.Validate(presented, chain, Relaxed(errors, key)));
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        return handler;
    }

    /// <summary><c>DOMAIN\\user</c> for NTLM; Basic sends both parts as they are.</summary>
    private static NetworkCredential Credential(string user, string? password) =>
        user.Split('\\', 2) is [var domain, var name] ? new(name, password, domain) : new(user, password);

    /// <summary>What the backend entity says not to look at is not an error; everything else still is.</summary>
    private static SslPolicyErrors Relaxed(SslPolicyErrors errors, SocketsClientKey key) =>
        errors
        & (key.CheckChain ? ~SslPolicyErrors.None : ~SslPolicyErrors.RemoteCertificateChainErrors)
        & (key.CheckName ? ~SslPolicyErrors.None : ~SslPolicyErrors.RemoteCertificateNameMismatch);
}

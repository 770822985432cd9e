using Postern.Gateway.Forwarding.Http1;
using Postern.Gateway.Settings;
using Postern.Hosting.Tls;

namespace Postern.Gateway.Forwarding;

/// <summary>The way to backends: our own for the usual case, the platform's client behind it for everything else.</summary>
internal static class BackendTransport
{
    public static IBackendTransport Create(TlsSettings tls, TrustedRoots roots, BackendConnector connector, OutgoingProxies proxies, TimeProvider time) =>
        new Http1Transport(new SocketsTransport(new(tls, roots, connector, proxies)), host => BackendTls.Options(tls, roots, host), connector, proxies, time);
}

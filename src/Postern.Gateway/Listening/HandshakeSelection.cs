using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Postern.Gateway.Certificates;
using Postern.Gateway.State;
using Postern.Snapshots;

namespace Postern.Gateway.Listening;

/// <summary>
/// Chooses certificate and terms of a handshake by the name that the caller asks for, from the configuration that is current at that moment.
/// Connections that are open keep what they began with.
/// </summary>
internal sealed class HandshakeSelection(CurrentState current, X509Certificate2 certificate, ServerTls tls)
{
    private readonly SslStreamCertificateContext _certificate = SslStreamCertificateContext.Create(certificate, null, offline: true);
    private SslServerAuthenticationOptions? _default;
    private SslServerAuthenticationOptions? _defaultQuic;

    public ValueTask<SslServerAuthenticationOptions> SelectAsync(TlsHandshakeCallbackContext handshake)
    {
        var host = current.State?.Certificates.Hostnames.Find(handshake.ClientHelloInfo.ServerName);

        // The context looks the same over UDP; only connections of many streams have codes for the errors of each.
        return new(handshake.Connection.Features.Get<IProtocolErrorCodeFeature>() is not null
            ? host is null ? _defaultQuic ??= tls.QuicOptions(_certificate, null) : host.NegotiatesClientCertificate ? Negotiating(host, handshake, tls.QuicOptions) : host.QuicOptions
            : host is null ? _default ??= tls.Options(_certificate, null) : host.NegotiatesClientCertificate ? Negotiating(host, handshake, tls.Options) : host.Options);
    }

    private SslServerAuthenticationOptions Negotiating(
        HostnameState host, TlsHandshakeCallbackContext handshake, Func<SslStreamCertificateContext, HostnameSnapshot, SslServerAuthenticationOptions> make)
    {
        var presented = new PresentedCertificate();
        handshake.Connection.Features.Set(presented);
        var options = make(host.Certificate.Served, host.Snapshot);
        options.RemoteCertificateValidationCallback = presented.Take;

        // The platform builds a chain before it asks: without the network, for a stranger's certificate says where to go.
        options.CertificateChainPolicy = new() { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
        return options;
    }
}

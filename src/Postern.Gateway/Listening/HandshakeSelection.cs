using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Postern.Gateway.Certificates;
using Postern.Gateway.State;

namespace Postern.Gateway.Listening;

/// <summary>
/// Chooses certificate and terms of a handshake by the name that the caller asks for, from the configuration that is current at that moment.
/// Connections that are open keep what they began with.
/// </summary>
internal sealed class HandshakeSelection(CurrentState current, X509Certificate2 certificate, ServerTls tls)
{
    private readonly SslServerAuthenticationOptions _default = tls.Options(SslStreamCertificateContext.Create(certificate, null, offline: true), hostname: null);

    public ValueTask<SslServerAuthenticationOptions> SelectAsync(TlsHandshakeCallbackContext handshake)
    {
        var host = current.State?.Certificates.Hostnames.Find(handshake.ClientHelloInfo.ServerName);
        return new(host is null ? _default : host.NegotiatesClientCertificate ? Negotiating(host, handshake) : host.Options);
    }

    private SslServerAuthenticationOptions Negotiating(HostnameState host, TlsHandshakeCallbackContext handshake)
    {
        var presented = new PresentedCertificate();
        handshake.Connection.Features.Set(presented);
        var options = tls.Options(host.Certificate.Served, host.Snapshot);
        options.RemoteCertificateValidationCallback = presented.Take;

        // The platform builds a chain before it asks: without the network, for a stranger's certificate says where to go.
        options.CertificateChainPolicy = new() { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
        return options;
    }
}

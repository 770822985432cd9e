using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Postern.Gateway.Settings;
using Postern.Hosting.Tls;

namespace Postern.Gateway.Forwarding;

/// <summary>How the gateway's settings shape secure connections to backends.</summary>
internal static class BackendTls
{
    /// <summary>For HTTP/1.1 to one host, whose certificate is checked for its chain and name.</summary>
    public static SslClientAuthenticationOptions Options(TlsSettings tls, TrustedRoots roots, string host)
    {
        var options = Options(tls, (_, certificate, chain, errors) => roots.Validate(certificate, chain, errors));
        options.TargetHost = host;
        options.ApplicationProtocols = [SslApplicationProtocol.Http11];
        return options;
    }

    public static SslClientAuthenticationOptions Options(TlsSettings tls, RemoteCertificateValidationCallback validate)
    {
        return new()
        {
            EnabledSslProtocols = tls.BackendProtocols,
            RemoteCertificateValidationCallback = validate,
            CipherSuitesPolicy = CipherSuites.Policy(tls.ClientSuites),
            CertificateRevocationCheckMode = tls.CheckRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck,
        };
    }
}

using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Postern.Gateway.Settings;
using Postern.Snapshots;

namespace Postern.Gateway.Certificates;

/// <summary>What the settings say about secure connections of callers; the same for every configuration.</summary>
/// <param name="LocalAuthorities">From <c>certificates.local.ca.enabled</c>: trusted for callers' certificates too.</param>
internal sealed class ServerTls(TlsSettings settings, IReadOnlyList<X509Certificate2> localAuthorities, TimeProvider time)
{
    private readonly CipherSuitesPolicy? _suites = CipherSuites.Policy(settings.ServerSuites);

    public IReadOnlyList<X509Certificate2> LocalAuthorities => localAuthorities;

    public bool ChecksRevocation => settings.CheckRevocation;

    public TimeProvider Time => time;

    /// <summary>As <see cref="Options"/> over UDP: QUIC is TLS 1.3 and carries HTTP/3 only, and it says so or there is no connection.</summary>
    public SslServerAuthenticationOptions QuicOptions(SslStreamCertificateContext certificate, HostnameSnapshot? hostname)
    {
        var options = Options(certificate, hostname);
        options.EnabledSslProtocols = SslProtocols.Tls13;
        options.ApplicationProtocols = [SslApplicationProtocol.Http3];
        return options;
    }

    /// <param name="hostname">Null for the default certificate.</param>
    public SslServerAuthenticationOptions Options(SslStreamCertificateContext certificate, HostnameSnapshot? hostname)
    {
        var negotiates = hostname is { NegotiateClientCertificate: true };
        return new()
        {
            ServerCertificateContext = certificate,
            EnabledSslProtocols = CipherSuites.Usable(Protocols(hostname), settings.ServerSuites),
            CipherSuitesPolicy = _suites,
            ApplicationProtocols = hostname is { Http2Enabled: false } ? [SslApplicationProtocol.Http11] : [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            AllowRenegotiation = false,

            // A resumed session would carry over a client certificate that this handshake did not see.
            AllowTlsResume = !negotiates,
            ClientCertificateRequired = negotiates,
        };
    }

    public static void CheckLifetime(string id, X509Certificate2 certificate, DateTimeOffset now, List<string> problems)
    {
        if (now > certificate.NotAfter.ToUniversalTime())
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"G263: certificate '{id}' ({certificate.Thumbprint}) expired on {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}."));
        }
    }

    public void CheckVersions(HostnameSnapshot hostname, List<string> problems)
    {
        if ((hostname.Tls10Enabled || hostname.Tls11Enabled) && !settings.OldServerVersions)
        {
            problems.Add($"G264: host name '{hostname.Hostname}' does not speak TLS 1.0 and 1.1, which its configuration allows: {KnownSettings.OldServerVersions} is not true.");
        }
    }

    private SslProtocols Protocols(HostnameSnapshot? hostname)
    {
        var protocols = SslProtocols.Tls12 | SslProtocols.Tls13;
#pragma warning disable CA5397, SYSLIB0039 // A host name may be opened to old callers; off unless asked for.
        if (settings.OldServerVersions && hostname is { Tls10Enabled: true })
        {
            protocols |= SslProtocols.Tls;
        }

        if (settings.OldServerVersions && hostname is { Tls11Enabled: true })
        {
            protocols |= SslProtocols.Tls11;
        }
#pragma warning restore CA5397, SYSLIB0039
        return protocols;
    }
}

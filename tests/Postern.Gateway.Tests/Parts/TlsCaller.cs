using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Postern.Gateway.Tests.Parts;

/// <summary>A caller that shows what a handshake came to, and what one HTTP/1.1 request over it was answered.</summary>
internal sealed record TlsCaller
{
    public required int Port { get; init; }

    /// <summary>Name asked for in the handshake; empty for none.</summary>
    public string Name { get; init; } = "";

    public X509Certificate2? Certificate { get; init; }

    /// <summary>Sent beside <see cref="Certificate"/>.</summary>
    public X509Certificate2Collection Beside { get; init; } = [];

    public SslProtocols Protocols { get; init; } = SslProtocols.None;

    public CipherSuitesPolicy? Suites { get; init; }

    public List<SslApplicationProtocol> Alpn { get; init; } = [];

    public async Task<TlsSession> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(System.Net.IPAddress.Loopback, Port, TestContext.Current.CancellationToken);
        var session = new TlsSession(client);
        await session.HandshakeAsync(this);
        return session;
    }
}

internal sealed class TlsSession : IDisposable
{
    private readonly TcpClient _client;

    public TlsSession(TcpClient client)
    {
        _client = client;
        Stream = new SslStream(client.GetStream());
    }

    public SslStream Stream { get; }

    /// <summary>What the server presented.</summary>
    public X509Certificate2 Served { get; private set; } = null!;

    /// <summary>How many certificates the server sent beside its own.</summary>
    public int Beside { get; private set; }

    public bool WasAskedForCertificate { get; private set; }

    public async Task HandshakeAsync(TlsCaller caller)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = caller.Name,
            EnabledSslProtocols = caller.Protocols,
            CipherSuitesPolicy = caller.Suites,
            ApplicationProtocols = caller.Alpn.Count == 0 ? null : caller.Alpn,
            AllowTlsResume = false,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
            {
                Served = X509CertificateLoader.LoadCertificate(certificate!.GetRawCertData());
                Beside = chain!.ChainPolicy.ExtraStore.Count(sent => !sent.RawDataMemory.Span.SequenceEqual(Served.RawDataMemory.Span));
                return true;
            },
        };
        if (caller.Certificate is not null)
        {
            options.ClientCertificateContext = SslStreamCertificateContext.Create(caller.Certificate, caller.Beside, offline: true);
        }

        options.LocalCertificateSelectionCallback = caller.Certificate is not null ? null : (_, _, _, remote, issuers) =>
        {
            WasAskedForCertificate |= remote is not null;
            return null!;
        };
        await Stream.AuthenticateAsClientAsync(options, TestContext.Current.CancellationToken);
    }

    /// <returns>Status and body.</returns>
    public async Task<(int Status, string Body)> GetAsync(string host, string path)
    {
        await Stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"), TestContext.Current.CancellationToken);
        var text = new StringBuilder();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var read = await Stream.ReadAsync(buffer, TestContext.Current.CancellationToken);
            Assert.True(read > 0, $"The connection ended after '{text}'.");
            text.Append(Encoding.Latin1.GetString(buffer, 0, read));
            var all = text.ToString();
            var end = all.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0)
            {
                continue;
            }

            var head = all[..end];
            var length = head.Split("\r\n").First(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Split(':')[1];
            if (all.Length - end - 4 >= int.Parse(length, System.Globalization.CultureInfo.InvariantCulture))
            {
                return (int.Parse(head.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), all[(end + 4)..]);
            }
        }
    }

    public void Dispose()
    {
        Stream.Dispose();
        _client.Dispose();
    }
}

using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Postern.Hosting.Sockets;

namespace Postern.Hosting.Tls;

/// <summary>Certificate authorities trusted in addition to the machine's own.</summary>
public sealed class TrustedRoots
{
    private readonly X509Certificate2Collection _extra;

    public TrustedRoots(X509Certificate2Collection extra) => _extra = extra;

    public static TrustedRoots System { get; } = new([]);

    /// <summary>Reads PEM bundles; a folder stands for every <c>*.crt</c> and <c>*.pem</c> in it.</summary>
    /// <exception cref="FileNotFoundException">Neither a file nor a folder is at the path.</exception>
    public static TrustedRoots FromPath(string path)
    {
        var collection = new X509Certificate2Collection();
        if (Directory.Exists(path))
        {
            foreach (var file in Directory.EnumerateFiles(path).Where(file => file.EndsWith(".crt", StringComparison.Ordinal) || file.EndsWith(".pem", StringComparison.Ordinal)))
            {
                collection.ImportFromPemFile(file);
            }
        }
        else
        {
            collection.ImportFromPemFile(path);
        }

        return new(collection);
    }

    /// <summary>Trusts what either trusts.</summary>
    public TrustedRoots And(TrustedRoots other) => new([.. _extra, .. other._extra]);

    /// <summary>A client handler that trusts the machine's roots and the extra ones; names are always checked.</summary>
    public SocketsHttpHandler CreateHandler()
    {
        var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectCallback = PoolStream.Connect };
        if (_extra.Count > 0)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Validate(certificate, chain, errors);
        }

        return handler;
    }

    /// <summary>As the platform judged, except that a chain may also end in one of the extra roots.</summary>
    public bool Validate(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is null || chain is null)
        {
            return false;
        }

        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(_extra);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.ApplicationPolicy.Add(new("1.3.6.1.5.5.7.3.1"));
        own.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        return own.Build(certificate as X509Certificate2 ?? X509CertificateLoader.LoadCertificate(certificate.GetRawCertData()));
    }
}

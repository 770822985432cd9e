using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Hosting.Sockets;

namespace Postern.Hosting.Tls;

/// <summary>Certificate authorities trusted in addition to the machine's own.</summary>
public sealed class TrustedRoots
{
    private const X509ChainStatusFlags NoAnswer = X509ChainStatusFlags.RevocationStatusUnknown | X509ChainStatusFlags.OfflineRevocation;

    private readonly X509Certificate2Collection _extra;
    private readonly Func<X509Certificate2, X509Chain, bool>? _otherwise;

    public TrustedRoots(X509Certificate2Collection extra)
        : this(extra, null)
    {
    }

    private TrustedRoots(X509Certificate2Collection extra, Func<X509Certificate2, X509Chain, bool>? otherwise)
    {
        _extra = extra;
        _otherwise = otherwise;
    }

    /// <summary>The authorities beside the machine's.</summary>
    public IReadOnlyList<X509Certificate2> Extra => [.. _extra];

    public static TrustedRoots System { get; } = new([]);

    /// <summary>Reads PEM bundles; a folder stands for every <c>*.crt</c> and <c>*.pem</c> in it.</summary>
    /// <param name="broken">Told of a file that holds no certificates, and why; the others are used. Null: such a file is an error.</param>
    /// <exception cref="InvalidDataException">A file holds no certificates, or some that can't be read.</exception>
    public static TrustedRoots FromPath(string path, Action<string, string>? broken = null)
    {
        var collection = new X509Certificate2Collection();
        string[] files = Directory.Exists(path)
            ? [.. Directory.EnumerateFiles(path).Where(file => file.EndsWith(".crt", StringComparison.Ordinal) || file.EndsWith(".pem", StringComparison.Ordinal)).Order(StringComparer.Ordinal)]
            : [path];
        foreach (var file in files)
        {
            try
            {
                var found = new X509Certificate2Collection();
                found.ImportFromPemFile(file);
                collection.AddRange(found.Count > 0 ? found : throw new InvalidDataException("it holds no certificate in PEM form."));
            }
            catch (Exception failed) when (failed is CryptographicException or InvalidDataException or IOException or UnauthorizedAccessException)
            {
                if (broken is null)
                {
                    throw new InvalidDataException($"'{file}': {failed.Message}", failed);
                }

                broken(file, failed.Message);
            }
        }

        return new(collection);
    }

    /// <summary>Trusts what either trusts.</summary>
    public TrustedRoots And(TrustedRoots other) => new([.. _extra, .. other._extra], _otherwise ?? other._otherwise);

    /// <param name="otherwise">Judges a certificate, with what was sent beside it in the chain's extra store, that is trusted in no other way.</param>
    public TrustedRoots Or(Func<X509Certificate2, X509Chain, bool> otherwise) => new(_extra, otherwise);

    /// <summary>A client handler that trusts the machine's roots and the extra ones; names are always checked.</summary>
    public SocketsHttpHandler CreateHandler()
    {
        var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectCallback = PoolStream.Connect };
        if (_extra.Count > 0 || _otherwise is not null)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Validate(certificate, chain, errors);
        }

        return handler;
    }

    /// <summary>As the platform judged, except that a chain may also end in one of the extra roots. Revocation is looked at when the platform was to.</summary>
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

        if (IsSound(chain))
        {
            return true;
        }

        var presented = certificate as X509Certificate2 ?? X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        if (_extra.Count > 0)
        {
            using var own = new X509Chain();
            own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            own.ChainPolicy.CustomTrustStore.AddRange(_extra);
            own.ChainPolicy.RevocationMode = chain.ChainPolicy.RevocationMode;
            own.ChainPolicy.RevocationFlag = X509RevocationFlag.ExcludeRoot;
            own.ChainPolicy.UrlRetrievalTimeout = TimeSpan.FromSeconds(5);
            own.ChainPolicy.ApplicationPolicy.Add(new("1.3.6.1.5.5.7.3.1"));
            own.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
            if (own.Build(presented) || IsSound(own))
            {
                return true;
            }
        }

        return _otherwise is not null && _otherwise(presented, chain);
    }

    /// <summary>True when nothing is wrong but that certificates which name nobody to ask about revocation were not asked about.</summary>
    private static bool IsSound(X509Chain chain) => chain.ChainElements.Count > 0 && chain.ChainElements.All(element =>
        element.ChainElementStatus.All(status => (status.Status & ~NoAnswer) == 0 && !NamesSource(element.Certificate)));

    /// <summary>Distribution points of revocation lists, or an authority to ask.</summary>
    private static bool NamesSource(X509Certificate2 certificate) =>
        certificate.Extensions.Any(extension => extension.Oid?.Value is "2.5.29.31" or "1.3.6.1.5.5.7.1.1");
}

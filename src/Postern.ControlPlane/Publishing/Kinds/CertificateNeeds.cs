using System.Security.Cryptography.X509Certificates;
using Postern.Policies;
using Postern.Snapshots;

namespace Postern.ControlPlane.Publishing.Kinds;

internal enum CertificateNeed
{
    None,
    Public,
    WithKey,
}

/// <summary>Which certificates a gateway uses, and whether their private keys: worked out once per selection.</summary>
internal sealed class CertificateNeeds
{
    private readonly HashSet<string> _withKey = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _public = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _thumbprints = new(StringComparer.OrdinalIgnoreCase);
    private bool _any;

    private CertificateNeeds()
    {
    }

    /// <param name="mentions">As <see cref="CertificateMentions"/> gives them.</param>
    /// <param name="selected">Host names, authorities, backends and named values that the gateway is given.</param>
    public static CertificateNeeds From(IEnumerable<string> mentions, IEnumerable<Published> selected)
    {
        var needs = new CertificateNeeds();
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var published in selected)
        {
            switch (published.Entity)
            {
                case HostnameSnapshot hostname:
                    needs._withKey.Add(hostname.CertificateId);
                    break;
                case CertificateAuthoritySnapshot authority:
                    needs._public.Add(authority.CertificateId);
                    break;
                case BackendSnapshot backend:
                    needs._withKey.UnionWith(backend.CertificateIds ?? []);
                    needs._thumbprints.UnionWith((backend.CertificateThumbprints ?? []).Select(Hexadecimal));
                    break;
                case NamedValueSnapshot value:
                    values[value.Name] = value.Value;
                    break;
            }
        }

        foreach (var mention in mentions)
        {
            needs.Add(mention, values);
        }

        return needs;
    }

    public CertificateNeed Of(CertificateSnapshot certificate) =>
        _any || _withKey.Contains(certificate.Id) || (_thumbprints.Count > 0 && _thumbprints.Contains(ThumbprintOf(certificate))) ? CertificateNeed.WithKey
        : _public.Contains(certificate.Id) ? CertificateNeed.Public
        : CertificateNeed.None;

    private void Add(string mention, Dictionary<string, string> values)
    {
        var colon = mention.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            _any = true;
            return;
        }

        var name = NamedValueReferences.Fill(mention[(colon + 1)..], values.GetValueOrDefault).Trim();
        if (name.StartsWith('@'))
        {
            // A named value may hold an expression.
            _any = true;
            return;
        }

        switch (mention[..colon])
        {
            case CertificateMentions.Key:
                _withKey.Add(name);
                break;
            case CertificateMentions.Public:
                _public.Add(name);
                break;
            default:
                _thumbprints.Add(Hexadecimal(name));
                break;
        }
    }

    private static string ThumbprintOf(CertificateSnapshot snapshot)
    {
        if (snapshot.Certificate is null)
        {
            return "";
        }

        using var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(snapshot.Certificate));
        return certificate.Thumbprint;
    }

    /// <summary>Tools print blanks and colons between the digits.</summary>
    private static string Hexadecimal(string text) => string.Concat(text.Where(char.IsAsciiHexDigit));
}

using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;
using Postern.Gateway.State;
using Postern.Policies.Certificates;
using Postern.Snapshots;

namespace Postern.Gateway.Certificates;

/// <summary>Everything about certificates in one configuration.</summary>
internal sealed class CertificateStates
{
    private readonly Dictionary<string, CertificateState> _byId = new(StringComparer.OrdinalIgnoreCase);

    private CertificateStates()
    {
    }

    /// <summary><c>context.Deployment.Certificates</c>.</summary>
    public required IReadOnlyDictionary<string, X509Certificate2> ById { get; init; }

    public required HostnameTable Hostnames { get; init; }

    /// <summary>How certificates of callers are judged.</summary>
    public required CertificateTrust Trust { get; init; }

    /// <param name="previous">Of the running configuration: what did not change is taken from it.</param>
    /// <param name="problems">Grows by what could not be used; each such part fails closed.</param>
    public static CertificateStates Compile(EntitySet entities, CertificateStates? previous, ServerTls tls, List<string> problems)
    {
        var byId = new Dictionary<string, CertificateState>(StringComparer.OrdinalIgnoreCase);
        foreach (var snapshot in entities.Of<CertificateSnapshot>())
        {
            if (previous?._byId.GetValueOrDefault(snapshot.Id) is { } known && ReferenceEquals(known.Snapshot, snapshot))
            {
                byId[snapshot.Id] = known;
                continue;
            }

            try
            {
                byId[snapshot.Id] = new(snapshot);
            }
            catch (FormatException broken)
            {
                problems.Add($"G260: certificate '{snapshot.Id}' cannot be used: {broken.Message}");
            }
        }

        foreach (var (id, certificate) in byId.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            ServerTls.CheckLifetime(id, certificate.Certificate, tls.Time.GetUtcNow(), problems);
        }

        var states = new CertificateStates
        {
            ById = byId.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.Certificate, StringComparer.OrdinalIgnoreCase),
            Hostnames = HostnameTable.Compile(entities, byId, previous?.Hostnames, tls, problems),
            Trust = TrustOf(entities, byId, tls, problems),
        };
        foreach (var (id, certificate) in byId)
        {
            states._byId.Add(id, certificate);
            certificate.Judge(states.Trust);
        }

        return states;
    }

    private static CertificateTrust TrustOf(EntitySet entities, Dictionary<string, CertificateState> byId, ServerTls tls, List<string> problems)
    {
        List<X509Certificate2> trusted = [.. tls.LocalAuthorities];
        List<X509Certificate2> known = [];
        foreach (var authority in entities.Of<CertificateAuthoritySnapshot>().OrderBy(authority => authority.Key, StringComparer.Ordinal))
        {
            if (byId.TryGetValue(authority.CertificateId, out var certificate))
            {
                (authority.IsTrusted ? trusted : known).Add(certificate.Certificate);
            }
            else
            {
                problems.Add($"G262: certificate authority '{authority.CertificateId}' is not trusted: there is no such certificate.");
            }
        }

        return new(trusted, known, tls.ChecksRevocation) { Time = tls.Time };
    }
}

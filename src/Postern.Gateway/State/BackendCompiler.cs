using System.Security.Cryptography.X509Certificates;
using Postern.Gateway.Backends;
using Postern.Snapshots;

namespace Postern.Gateway.State;

/// <summary>Makes the backends of a state. One whose entity did not change is the same object as before.</summary>
internal sealed class BackendCompiler(CircuitSignals signals)
{
    /// <param name="certificates">By id; unchanged ones are the same objects as before.</param>
    public Dictionary<string, BackendState> Compile(
        EntitySet entities, IReadOnlyDictionary<string, X509Certificate2> certificates, IReadOnlyDictionary<string, BackendState>? previous, List<string> problems)
    {
        var backends = new Dictionary<string, BackendState>(StringComparer.OrdinalIgnoreCase);
        foreach (var snapshot in entities.Of<BackendSnapshot>().Where(backend => backend.Pool is null))
        {
            try
            {
                var certificate = ClientCertificate(snapshot, certificates);
                backends[snapshot.Id] = previous?.GetValueOrDefault(snapshot.Id) is { } known && ReferenceEquals(known.Snapshot, snapshot) && ReferenceEquals(known.ClientCertificate, certificate)
                    ? known
                    : new(snapshot, signals) { ClientCertificate = certificate };
            }
            catch (FormatException broken)
            {
                problems.Add($"G213: backend '{snapshot.Id}' cannot be called: {broken.Message}");
            }
        }

        var pools = entities.Of<BackendSnapshot>().Where(backend => backend.Pool is not null).ToDictionary(pool => pool.Id, StringComparer.OrdinalIgnoreCase);
        foreach (var snapshot in pools.Values)
        {
            backends.Add(snapshot.Id, Pool(snapshot, pools, backends, previous, problems));
        }

        return backends;
    }

    /// <exception cref="FormatException">The entity names certificates, and none of them is here with its key.</exception>
    private static X509Certificate2? ClientCertificate(BackendSnapshot snapshot, IReadOnlyDictionary<string, X509Certificate2> certificates)
    {
        if (snapshot is { CertificateIds: null, CertificateThumbprints: null })
        {
            return null;
        }

        var named = (snapshot.CertificateIds ?? []).Select(certificates.GetValueOrDefault)
            .Concat((snapshot.CertificateThumbprints ?? []).Select(thumbprint => certificates.Values.FirstOrDefault(one => one.Thumbprint.Equals(thumbprint, StringComparison.OrdinalIgnoreCase))));
        return named.FirstOrDefault(certificate => certificate is { HasPrivateKey: true })
            ?? throw new FormatException("none of its client certificates is here with its private key.");
    }

    private BackendState Pool(
        BackendSnapshot snapshot, Dictionary<string, BackendSnapshot> pools, Dictionary<string, BackendState> backends,
        IReadOnlyDictionary<string, BackendState>? previous, List<string> problems)
    {
        var pool = new BackendPool(
            snapshot.Id, snapshot.Pool!, id => pools.ContainsKey(id) ? null : backends.GetValueOrDefault(id), problems);
        return previous?.GetValueOrDefault(snapshot.Id) is { Pool: { } known } before && ReferenceEquals(before.Snapshot, snapshot) && known.Members.SequenceEqual(pool.Members)
            ? before
            : new(snapshot, signals) { Pool = pool };
    }
}

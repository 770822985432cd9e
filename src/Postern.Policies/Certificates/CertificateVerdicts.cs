using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Policies.Runtime;

namespace Postern.Policies.Certificates;

/// <summary>
/// What one policy found out about certificates, for a short while: building a chain takes a thousand times as long as comparing it. A change
/// of the configuration (authorities, uploaded certificates) makes every verdict void at once. What the clock alone decides is not kept here.
/// </summary>
internal sealed class CertificateVerdicts<T>
    where T : class
{
    /// <summary>A revoked certificate may pass for so long after its last good check.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    /// <summary>Certificates that are remembered; more make all be forgotten.</summary>
    public const int Most = 1000;

    private readonly ConcurrentDictionary<Key, Verdict> _verdicts = new();

    /// <returns>False when nothing is known that still holds.</returns>
    public bool TryFind(Key key, CertificateTrust trust, IDeployment deployment, DateTimeOffset now, out T? fault)
    {
        var found = _verdicts.TryGetValue(key, out var verdict) && ReferenceEquals(verdict.Trust, trust) && ReferenceEquals(verdict.Deployment, deployment)
            && now >= verdict.From && now < verdict.From + Lifetime;
        fault = found ? verdict.Fault : null;
        return found;
    }

    public void Keep(Key key, CertificateTrust trust, IDeployment deployment, DateTimeOffset now, T? fault)
    {
        if (_verdicts.Count >= Most)
        {
            _verdicts.Clear();
        }

        _verdicts[key] = new(trust, deployment, now, fault);
    }

    /// <summary>By content, with what was sent beside it, since the chain may go over that.</summary>
    public static Key Of(X509Certificate2 certificate, IReadOnlyList<X509Certificate2> sent)
    {
        Span<byte> digests = stackalloc byte[2 * SHA256.HashSizeInBytes];
        var all = digests[..SHA256.HashSizeInBytes];
        var next = digests[SHA256.HashSizeInBytes..];
        SHA256.HashData(certificate.RawDataMemory.Span, all);
        foreach (var beside in sent)
        {
            SHA256.HashData(beside.RawDataMemory.Span, next);
            SHA256.HashData(digests, all);
        }

        return MemoryMarshal.Read<Key>(all);
    }

    /// <summary>A SHA-256 digest.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public readonly record struct Key(ulong A, ulong B, ulong C, ulong D);

    private readonly record struct Verdict(CertificateTrust Trust, IDeployment Deployment, DateTimeOffset From, T? Fault);
}

namespace Postern.Snapshots;

/// <summary>An uploaded certificate that this gateway uses.</summary>
/// <param name="Certificate">The certificate alone, DER in base64.</param>
/// <param name="Pkcs12">The file with its private key, base64; null where the public part will do, and when the key is not here.</param>
/// <param name="Password">Of the file; null for none.</param>
public sealed record CertificateSnapshot(string Id, string? Certificate, string? Pkcs12, string? Password) : SnapshotEntity
{
    public override string Key => $"certificates/{Id}";

    /// <summary>File and password are secrets.</summary>
    public override string ToString() => $"{nameof(CertificateSnapshot)} {Id}";
}

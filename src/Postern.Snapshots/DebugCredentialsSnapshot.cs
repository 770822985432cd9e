namespace Postern.Snapshots;

/// <summary>What a gateway checks debug tokens with (<see cref="DebugToken"/>). A new key voids every token made before.</summary>
/// <param name="SigningKey">Text of the key; secret.</param>
public sealed record DebugCredentialsSnapshot(string SigningKey) : SnapshotEntity
{
    public override string Key => "debugCredentials";
}

namespace Postern.Snapshots;

/// <summary>The whole configuration of one gateway at one revision, as <c>GET /gateways/{id}/snapshot</c> sends it.</summary>
/// <param name="Format">Version of this format: <see cref="SnapshotFormat.Current"/>. A gateway refuses a newer one.</param>
/// <param name="Revision">Grows with every published change of the service; eight hex digits as a skip token.</param>
/// <param name="Hash"><see cref="SnapshotHash"/> of the entities; what a gateway verifies before it compiles.</param>
public sealed record Snapshot(int Format, long Revision, string Hash, IReadOnlyList<SnapshotEntity> Entities);

/// <summary>What changed after <paramref name="From"/> up to and including <paramref name="Revision"/>.</summary>
/// <param name="Hash">Hash of the whole set of entities after this change was applied.</param>
public sealed record SnapshotChange(
    int Format, long From, long Revision, string Hash, IReadOnlyList<SnapshotEntity> Put, IReadOnlyList<string> Removed);

public static class SnapshotFormat
{
    public const int Current = 1;

    /// <summary>Eight lower-case hex digits, the product's skip token shape: <c>000006fe</c>.</summary>
    public static string SkipToken(long revision) => revision.ToString("x8", System.Globalization.CultureInfo.InvariantCulture);

    public static bool TryReadSkipToken(ReadOnlySpan<char> token, out long revision) =>
        long.TryParse(token, System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out revision)
        && revision >= 0;
}

namespace Postern.Snapshots;

/// <param name="LoggerType"><c>azureEventHub</c>, <c>applicationInsights</c> or <c>azureMonitor</c>.</param>
/// <param name="Credentials">By the product's names, such as <c>connectionString</c>; named values are filled in.</param>
public sealed record LoggerSnapshot(string Id, string LoggerType, IReadOnlyDictionary<string, string> Credentials) : SnapshotEntity
{
    public override string Key => $"loggers/{Id}";

    /// <summary>The credentials are secrets.</summary>
    public override string ToString() => $"{nameof(LoggerSnapshot)} {Id}";
}

using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.LongRunning;

/// <summary>One call that is answered before it is done. Its result holds no resource: that is read when it is asked for.</summary>
/// <param name="Name">GUID without dashes.</param>
/// <param name="Status">One of the contract's <c>InProgress</c>, <c>Succeeded</c>, <c>Failed</c>.</param>
/// <param name="By">Object id of the caller.</param>
/// <param name="Code">HTTP status that the call would have been answered with; null while it runs.</param>
/// <param name="Error">The error envelope of one that failed.</param>
internal sealed record StoredOperation(
    string Name, string Status, string ResourceId, string By, DateTimeOffset Started, DateTimeOffset? Ended, int? Code, JsonObject? Error)
{
    public const string Type = "Postern/operations";
    public const string InProgress = "InProgress";
    public const string Succeeded = "Succeeded";
    public const string Failed = "Failed";

    /// <summary>Nothing takes so long: who still runs then was in a process that ended.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(1);

    public bool IsRunning => Status == InProgress;

    public static string Id(string name) => $"/providers/Postern/operations/{name.Replace("-", "", StringComparison.Ordinal)}";

    public static StoredOperation Read(ResourceRow row)
    {
        var body = ArmJson.ParseObject(row.Body);
        return new(
            row.Name, body.Text("status")!, body.Text("resourceId")!, row.CreatedBy, row.CreatedAt,
            MemberRules.TryTime(body.Text("endTime") ?? "", out var ended) ? ended : null, (int?)body["code"], body["error"] as JsonObject);
    }

    public StoredOperation Finished(ArmResponse response, DateTimeOffset now) => this with
    {
        Status = response.Status < 400 ? Succeeded : Failed,
        Ended = now,
        Code = response.Status,
        Error = response.Status < 400 ? null : response.Body as JsonObject,
    };

    public StoredOperation Interrupted() => this with
    {
        Status = Failed,
        Ended = Started + Longest,
        Code = 500,
        Error = new ArmError(500, "OperationInterrupted", "The server ended while the operation was under way. Nothing of it was stored: call again.").ToJson(),
    };

    public JsonObject ToJson() => new()
    {
        ["status"] = Status,
        ["resourceId"] = ResourceId,
        ["endTime"] = Ended is { } ended ? ArmEnvelope.Time(ended) : null,
        ["code"] = Code,
        ["error"] = Error?.DeepClone(),
    };
}

using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources;

/// <summary>
/// <c>POST …/restore</c>, ours and not the contract's: a backup brings back what a service otherwise sets by itself, such as dates and a
/// gateway's keys. An action of its own, so that the right to write a resource does not include it.
/// </summary>
internal sealed class RestoreAction(KindServices services, ResourceKind kind, params Member[] members)
{
    public const string Name = "restore";

    /// <summary>Further rules of the values, as problems.</summary>
    public Action<JsonObject, ICollection<ArmErrorDetail>>? Check { get; init; }

    public async ValueTask<ArmResponse> InvokeAsync(ActionCall call, CancellationToken cancellation)
    {
        var body = await call.Call.ReadBodyAsync(cancellation);
        if (body.Error is not null)
        {
            return body.Error;
        }

        if (body.Value?["properties"] is not JsonObject { Count: > 0 } given || given.Any(member => member.Value is null || !members.Any(known => known.Name == member.Key)))
        {
            return ArmErrors.Validation("properties", $"'properties' must hold one or more of {string.Join(", ", members.Select(member => member.Name))}.");
        }

        var problems = new List<ArmErrorDetail>();
        MemberRules.Check(members, given, problems);
        if (problems.Count == 0)
        {
            Check?.Invoke(given, problems);
        }

        return problems.Count > 0 ? ArmErrors.Validation(problems) : await StoreAsync(call, given, cancellation);
    }

    private async ValueTask<ArmResponse> StoreAsync(ActionCall call, JsonObject given, CancellationToken cancellation)
    {
        var row = call.Row;
        while (true)
        {
            var stored = ArmJson.ParseObject(row.Body);
            foreach (var (name, value) in given)
            {
                stored.Properties()[name] = value!.DeepClone();
            }

            services.Secrets.Seal(kind, row.Id, stored.Properties());
            var write = new ResourceWrite(row.Id, row.Type, stored.ToJsonString(ArmJson.Options), call.Call.Caller.ObjectId, IfMatch: row.ETag);
            if ((await services.Store.WriteAsync([write], cancellation)).Conflict is null)
            {
                return ArmResponse.NoContent;
            }

            if (await services.Store.FindAsync(row.Id, cancellation) is not { } again)
            {
                return ArmErrors.NotFound(row.Id);
            }

            row = again;
        }
    }
}

using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources.Services;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.DeletedServices;

/// <summary>
/// Services between their deletion and their purge. All rows at and below a service are kept where nothing finds them as what they were: no
/// list shows them, no gateway gets them, no role at them counts. Its managed identity stays until the purge, so that what was given
/// to it elsewhere holds again when it is restored.
/// </summary>
internal sealed class SoftDelete(KindServices services)
{
    public const string TypeName = "Microsoft.ApiManagement/locations/deletedservices";

    /// <summary>Member of the stored body that is not shown.</summary>
    public const string Identity = "identity";

    /// <summary>As the product documents it.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(48);

    /// <summary>Versions before this one delete for good, as documented: their users have no way to restore or purge.</summary>
    private const string FirstVersion = "2020-06-01-preview";

    private readonly ServiceIdentity _identity = new(services);

    /// <summary>Name of a service, in any casing and of any location: it is taken until the purge.</summary>
    public async ValueTask<ResourceRow?> FindAsync(string name, CancellationToken cancellation) =>
        (await services.Store.ListNamedAsync("", TypeName, name, cancellation)).FirstOrDefault(row => ResourceIds.Same(row.Name, name));

    public static ArmError Taken(ResourceRow deleted) => new(
        409, "ServiceAlreadyExistsInSoftDeletedState",
        $"The service '{deleted.Name}' was deleted and can still be restored ('{ServiceIdOf(deleted)}'). Restore it with 'restore' in a PUT, or purge '{deleted.Id}' first.",
        deleted.Name);

    /// <summary>Makes a removal one that can be taken back.</summary>
    public async ValueTask<ArmError?> DeletingAsync(ResourceRemoval removal, CancellationToken cancellation)
    {
        var service = ArmJson.ParseObject(removal.Row.Body);
        if (string.CompareOrdinal(removal.Call.Query.ApiVersion, FirstVersion) < 0)
        {
            return await ForgetAsync(removal.Row.Id, service, cancellation);
        }

        if (await FindAsync(removal.Row.Name, cancellation) is { } other)
        {
            return Taken(other);
        }

        var location = service.Text("location")!;
        var subscription = removal.Row.Id[..removal.Row.Id.IndexOf("/resourceGroups/", StringComparison.OrdinalIgnoreCase)];
        var id = $"{subscription}/providers/Microsoft.ApiManagement/locations/{LocationKind.Normalise(location)}/deletedservices/{removal.Row.Name}";
        var now = services.Time.GetUtcNow();
        var body = new JsonObject
        {
            ["location"] = location,
            [Identity] = service["identity"]?.DeepClone(),
            ["properties"] = new JsonObject
            {
                ["serviceId"] = removal.Row.Id,
                ["scheduledPurgeDate"] = ArmEnvelope.Time(now + Retention),
                ["deletionDate"] = ArmEnvelope.Time(now),
            },
        };
        removal.KeepBelow = id;
        removal.Also.Add(new(id, TypeName, body.ToJsonString(ArmJson.Options), removal.Call.Caller.ObjectId, MustNotExist: true));
        return null;
    }

    /// <returns>The service as it was.</returns>
    public async ValueTask<ArmResponse> RestoreAsync(ArmCall call, string serviceId, ResourceKind kind, CancellationToken cancellation)
    {
        if (await FindAsync(ResourceIds.NameOf(serviceId), cancellation) is not { } deleted)
        {
            return new ArmError(404, "ServiceNotFound", $"There is no deleted service '{ResourceIds.NameOf(serviceId)}' to restore.", "restore");
        }

        if (!ResourceIds.Same(ServiceIdOf(deleted), serviceId))
        {
            return Taken(deleted);
        }

        var kept = await KeptRows.ReadAsync(services.Store, deleted.Id, cancellation);
        var writes = kept.Select(row => new ResourceWrite(row.Id, row.Type, row.Body, call.Caller.ObjectId, MustNotExist: ResourceIds.Same(row.Id, serviceId), Origin: row));
        var outcome = await services.Store.WriteAsync([.. writes, new(deleted.Id, deleted.Type, null, call.Caller.ObjectId, IfMatch: deleted.ETag)], cancellation);
        return outcome.Conflict is not null ? ArmErrors.Conflict($"The service '{deleted.Name}' is being restored or purged by others.")
            : new ArmResponse(201, await services.Envelope.PresentAsync(kind, new(outcome.Rows[0]!, call, InList: false), cancellation), outcome.Rows[0]!.ETag);
    }

    /// <summary>What goes with the rows.</summary>
    public async ValueTask<ArmError?> PurgingAsync(ResourceRow deleted, CancellationToken cancellation) =>
        await ForgetAsync(ServiceIdOf(deleted), ArmJson.ParseObject(deleted.Body), cancellation);

    /// <summary>Purges what nobody restored in time.</summary>
    /// <returns>Those that could not be purged, with the reason.</returns>
    public async ValueTask<IReadOnlyList<(string Id, string Problem)>> PurgeDueAsync(CancellationToken cancellation)
    {
        var failed = new List<(string Id, string Problem)>();
        foreach (var deleted in await services.Store.ListAsync("", TypeName, 0, null, cancellation))
        {
            if (!MemberRules.TryTime(ArmJson.ParseObject(deleted.Body).Properties().Text("scheduledPurgeDate")!, out var due) || due > services.Time.GetUtcNow())
            {
                continue;
            }

            if (await PurgingAsync(deleted, cancellation) is { } problem)
            {
                failed.Add((deleted.Id, problem.Message));
                continue;
            }

            // Another replica, or somebody who restores it at the last moment, may be faster: then there is nothing to do.
            await services.Store.WriteAsync([new(deleted.Id, deleted.Type, null, "", IfMatch: deleted.ETag)], cancellation);
        }

        return failed;
    }

    private static string ServiceIdOf(ResourceRow deleted) => ArmJson.ParseObject(deleted.Body).Properties().Text("serviceId")!;

    private async ValueTask<ArmError?> ForgetAsync(string serviceId, JsonObject body, CancellationToken cancellation)
    {
        if (await _identity.RemoveAsync(body, cancellation) is { } refusal)
        {
            return refusal;
        }

        await services.Telemetry.ForgetAsync(serviceId, cancellation);
        return null;
    }
}

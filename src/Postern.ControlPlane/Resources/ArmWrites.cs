using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources;

/// <summary>PUT, PATCH and DELETE of resources.</summary>
internal sealed class ArmWrites(IResourceStore store, ArmEnvelope envelope, SecretMembers secrets)
{
    /// <summary>A write without If-Match rests on what was read a moment ago; when another writer was faster it starts again, at most so often.</summary>
    private const int MostAttempts = 64;

    private static readonly string[] EnvelopeMembers = ["id", "name", "type", "etag", "systemData"];

    public async ValueTask<ArmResponse> WriteAsync(ArmCall call, ResourceAddress address, ResourceRow? parent, CancellationToken cancellation)
    {
        var body = await call.ReadBodyAsync(cancellation);
        if (body.Error is { } unreadable)
        {
            return unreadable;
        }

        if (await address.Kind.DivertAsync(call, address.Id, body.Value ?? [], cancellation) is { } diverted)
        {
            return diverted;
        }

        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            if (await TryWriteAsync(call, address, parent, body.Value ?? [], cancellation) is { } response)
            {
                return response;
            }
        }

        return ArmErrors.Conflict($"The resource '{address.Id}' is being changed by others. Try again.");
    }

    public async ValueTask<ArmResponse> DeleteAsync(ArmCall call, ResourceAddress address, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            if (await store.FindAsync(address.Id, cancellation) is not { } row)
            {
                return ArmResponse.NoContent;
            }

            if (address.Kind.HasETag && call.IfMatch.Exact is { } tag && tag != row.ETag)
            {
                return ArmErrors.PreconditionFailed(row.Id);
            }

            var removal = new ResourceRemoval(call, row);
            if (await address.Kind.DeletingAsync(removal, cancellation) is { } refusal)
            {
                return refusal;
            }

            var outcome = await store.WriteAsync([new(row.Id, row.Type, null, call.Caller.ObjectId, IfMatch: row.ETag, KeepBelow: removal.KeepBelow), .. removal.Also], cancellation);
            if (outcome.Conflict is null)
            {
                return new(address.Kind.DeletedStatus);
            }
        }

        return ArmErrors.Conflict($"The resource '{address.Id}' is being changed by others. Try again.");
    }

    /// <returns>Null when another writer was faster.</returns>
    private async ValueTask<ArmResponse?> TryWriteAsync(
        ArmCall call, ResourceAddress address, ResourceRow? parent, JsonObject input, CancellationToken cancellation)
    {
        var kind = address.Kind;
        var existing = await store.FindAsync(address.Id, cancellation);
        if (Precondition(call, kind, address, existing) is { } failed)
        {
            return failed;
        }

        if (input["properties"] is not (null or JsonObject) || SecretMembers.HoldsSealed(input))
        {
            return ArmErrors.Validation("properties", "'properties' must be an object as the contract describes it.");
        }

        var before = existing is null ? null : ArmJson.ParseObject(existing.Body);
        var change = new ResourceChange
        {
            Call = call,
            Id = existing?.Id ?? NewId(kind, address, parent),
            ParentId = existing?.ParentId ?? parent?.Id ?? ResourceIds.ParentOf(address.Id),
            Existing = existing,
            Before = before,
            Body = call.Method == "PATCH" ? Merged(kind, before!, input) : Replaced(kind, input),
        };
        Check(kind, change);
        if (change.Problems.Count == 0 && await kind.PrepareAsync(change, cancellation) is { } refusal)
        {
            return refusal;
        }

        if (change.Problems.Count > 0)
        {
            return ArmErrors.Validation(change.Problems);
        }

        secrets.Seal(kind, change.Id, change.Properties);
        var write = new ResourceWrite(
            change.Id, kind.Type, change.Body.ToJsonString(ArmJson.Options), call.Caller.ObjectId,
            IfMatch: existing?.ETag, MustNotExist: existing is null, ParentMustExist: existing is null && parent is not null);
        var outcome = await store.WriteAsync([write, .. change.Also], cancellation);
        if (outcome.Conflict is { } conflict)
        {
            if (change.Claims.TryGetValue(conflict, out var target))
            {
                return ArmErrors.Validation(target, $"The value of '{target}' is already in use by another resource.");
            }

            // The precondition is judged anew: gone, changed, or its parent removed.
            if (parent is not null && await store.FindAsync(parent.Id, cancellation) is null)
            {
                return ArmErrors.NotFound(parent.Id);
            }

            return null;
        }

        var row = outcome.Rows[0]!;
        var body = await envelope.PresentAsync(kind, new(row, call, InList: false), cancellation);
        return new(existing is null ? 201 : 200, body, row.ETag);
    }

    /// <summary>The table of the contract, section 5: PUT with <c>*</c> creates, because clients send it when creating.</summary>
    private static ArmError? Precondition(ArmCall call, ResourceKind kind, ResourceAddress address, ResourceRow? existing)
    {
        if (existing is null && call.Method == "PATCH")
        {
            return ArmErrors.NotFound(address.Id);
        }

        if (existing is null && kind.Names.Problem(address.Name) is { } problem)
        {
            return ArmErrors.Validation("name", problem);
        }

        if (!kind.HasETag)
        {
            return null;
        }

        if (call.Method == "PATCH" && call.IfMatch.Tag is null)
        {
            return new(428, "PreconditionRequired", "PATCH needs an If-Match header: the ETag that was read, or * for any.", "If-Match", Diagnostic: ControlPlaneDiagnostics.PreconditionRequired);
        }

        return call.IfMatch.Exact is { } tag && tag != existing?.ETag ? ArmErrors.PreconditionFailed(address.Id)
            : existing is not null && string.Equals(call.Request.Headers.IfNoneMatch, "*", StringComparison.Ordinal) ? ArmErrors.Exists(address.Id)
            : null;
    }

    private static string NewId(ResourceKind kind, ResourceAddress address, ResourceRow? parent) =>
        parent is null || !ResourceIds.Same(ResourceIds.ParentOf(address.Id), parent.Id) ? address.Id
        : kind.ParentType.Contains('/') ? $"{parent.Id}/{kind.Segment}/{address.Name}"
        : $"{parent.Id}/providers/{kind.ParentType}/{kind.Segment}/{address.Name}";

    private static JsonObject Replaced(ResourceKind kind, JsonObject input)
    {
        var body = (JsonObject)input.DeepClone();
        DropEnvelope(kind, body);
        body["properties"] ??= new JsonObject();
        return body;
    }

    private static JsonObject Merged(ResourceKind kind, JsonObject before, JsonObject patch)
    {
        patch = (JsonObject)patch.DeepClone();
        DropEnvelope(kind, patch);
        var body = (JsonObject)before.DeepClone();
        if (kind.IsTracked && patch["tags"] is JsonObject)
        {
            body.Remove("tags"); // Tags are replaced as a whole, unlike everything else.
        }

        MergePatch.Apply(body, patch);
        body["properties"] ??= new JsonObject();
        return body;
    }

    private static void DropEnvelope(ResourceKind kind, JsonObject body)
    {
        foreach (var member in EnvelopeMembers)
        {
            body.Remove(member);
        }

        if (!kind.IsTracked)
        {
            body.Remove("location"); // Generic clients send it with every resource.
        }
    }

    private static void Check(ResourceKind kind, ResourceChange change)
    {
        var properties = change.Properties;
        var before = change.PropertiesBefore;
        foreach (var member in kind.Members)
        {
            if (member.IsReadOnly)
            {
                properties.Remove(member.Name);
                if (before?[member.Name] is { } kept)
                {
                    properties[member.Name] = kept.DeepClone();
                }
            }
            else if (properties[member.Name] is null && (before is null || change.Call.Method == "PUT") && member.Default is { } absent)
            {
                properties[member.Name] = absent();
            }
        }

        // Sealed secrets of the stored body join after the check, which wants strings.
        MemberNumbers.Read(kind.Members, properties);
        MemberRules.Check(kind.Members, WithoutSealed(kind, properties), change.Problems);
        if (before is not null)
        {
            SecretMembers.Keep(kind, before, properties);
            foreach (var member in kind.Members.Where(member => member.IsImmutable && before[member.Name] is not null))
            {
                if (properties[member.Name] is { } now && !JsonNode.DeepEquals(now, before[member.Name]))
                {
                    change.Problem(member.Name, $"'{member.Name}' can't be changed once it is set.");
                }
            }
        }

        foreach (var member in kind.Members.Where(member => member.IsInput))
        {
            if (properties[member.Name] is { } value)
            {
                properties.Remove(member.Name);
                change.Input[member.Name] = value;
            }
        }
    }

    /// <summary>PATCH starts from the stored body, where secrets are sealed; those were checked when they came.</summary>
    private static JsonObject WithoutSealed(ResourceKind kind, JsonObject properties)
    {
        var plain = (JsonObject)properties.DeepClone();
        foreach (var (parent, key, _) in kind.Secrets(plain).SelectMany(path => path.Find(plain)).ToList())
        {
            SecretMembers.Unseal(parent, key);
        }

        return plain;
    }
}

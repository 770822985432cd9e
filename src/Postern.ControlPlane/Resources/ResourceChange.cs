using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources;

/// <summary>A PUT or PATCH before it is stored.</summary>
internal sealed class ResourceChange
{
    public required ArmCall Call { get; init; }

    public required string Id { get; init; }

    public required string ParentId { get; init; }

    /// <summary>Null when the resource is created.</summary>
    public required ResourceRow? Existing { get; init; }

    /// <summary>What will be stored: <c>properties</c> and, for tracked resources, location, tags and the like.</summary>
    public required JsonObject Body { get; init; }

    /// <summary>Body as it is stored now, secrets sealed; null when the resource is created.</summary>
    public required JsonObject? Before { get; init; }

    public JsonObject Properties => (JsonObject)Body["properties"]!;

    public JsonObject? PropertiesBefore => (JsonObject?)Before?["properties"];

    /// <summary>Members that are part of the request only, such as a definition to import.</summary>
    public JsonObject Input { get; } = [];

    public string Name => ResourceIds.NameOf(Id);

    public List<ArmErrorDetail> Problems { get; } = [];

    /// <summary>Written in the same transaction, after the resource itself.</summary>
    public List<ResourceWrite> Also { get; } = [];

    /// <summary>Writes of <see cref="Also"/> that claim a value, and the member that is wrong when the value is taken.</summary>
    public Dictionary<ResourceWrite, string> Claims { get; } = new(ReferenceEqualityComparer.Instance);

    public void Problem(string target, string message) => Problems.Add(new("ValidationError", target, message));

    public ResourceWrite Write(string id, string type, JsonObject body) => new(id, type, body.ToJsonString(ArmJson.Options), Call.Caller.ObjectId);

    public ResourceWrite Remove(string id, string type) => new(id, type, null, Call.Caller.ObjectId);
}

/// <summary>A DELETE before it is done.</summary>
internal sealed record ResourceRemoval(ArmCall Call, ResourceRow Row)
{
    /// <summary>Written or removed in the same transaction.</summary>
    public List<ResourceWrite> Also { get; } = [];

    /// <summary>Where what is removed is kept (<see cref="ResourceWrite.KeepBelow"/>).</summary>
    public string? KeepBelow { get; set; }

    public void Remove(ResourceRow row) => Also.Add(new(row.Id, row.Type, null, Call.Caller.ObjectId));
}

/// <param name="Body">Body of the stored resource, secrets sealed.</param>
internal sealed record ActionCall(ArmCall Call, ResourceRow Row, JsonObject Body)
{
    public JsonObject Properties => Body["properties"] as JsonObject ?? [];
}

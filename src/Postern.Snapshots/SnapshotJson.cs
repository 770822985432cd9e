using System.Text.Json;
using System.Text.Json.Serialization;

namespace Postern.Snapshots;

/// <summary>Source-generated JSON of the wire: camelCase, nulls left out, unknown members ignored (newer servers may add some).</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(Snapshot))]
[JsonSerializable(typeof(SnapshotChange))]
[JsonSerializable(typeof(SnapshotEntity))]
[JsonSerializable(typeof(Heartbeat))]
[JsonSerializable(typeof(MetricBatch))]
[JsonSerializable(typeof(EventBatch))]
[JsonSerializable(typeof(TraceBatch))]
[JsonSerializable(typeof(ErrorEnvelope))]
public sealed partial class SnapshotJson : JsonSerializerContext;

using System.Text.Json;
using System.Text.Json.Serialization;
using Postern.Snapshots;

namespace Postern.ControlPlane.Telemetry;

/// <summary>An event with the instance that it happened at, as it is stored.</summary>
internal sealed record RecordedEvent(string InstanceId, GatewayEvent Event);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(RecordedEvent))]
internal sealed partial class RecordedEventJson : JsonSerializerContext;

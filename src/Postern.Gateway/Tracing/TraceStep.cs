using System.Text.Json.Nodes;
using Postern.Policies.Runtime;
using Postern.Snapshots;

namespace Postern.Gateway.Tracing;

/// <summary>An entry of a trace while it is made.</summary>
/// <param name="Elapsed">Since the request came.</param>
/// <param name="Ticks">Stopwatch ticks at its begin.</param>
internal sealed record TraceStep(string Section, string Source, DateTime Timestamp, TimeSpan Elapsed, long Ticks)
{
    public JsonNode? Data { get; set; }

    public TimeSpan? Duration { get; set; }

    /// <summary>Set for a policy.</summary>
    public PolicyPlace? Place { get; set; }

    public MessageState? Before { get; set; }

    /// <summary>The policy that this one is inside of.</summary>
    public TraceStep? Outer { get; set; }

    public TraceEntry ToEntry(JsonNode? data) =>
        new(Source, Timestamp, Elapsed, data, Duration, Place?.Scope, Place is { Path.Length: > 0 } place ? place.Path : null);
}

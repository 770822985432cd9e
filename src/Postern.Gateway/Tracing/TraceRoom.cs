using System.Text.Json.Nodes;

namespace Postern.Gateway.Tracing;

/// <summary>Keeps a trace to what the control plane takes: what comes after the room is used up loses its data, not its time.</summary>
internal sealed class TraceRoom
{
    /// <summary>Characters of all data together.</summary>
    private const int Most = 192 * 1024;

    private int _used;

    public JsonNode? Fit(JsonNode? data)
    {
        if (data is null)
        {
            return null;
        }

        _used += data.ToJsonString().Length;
        return _used <= Most ? data : JsonValue.Create("Left out: the trace is too long.");
    }
}

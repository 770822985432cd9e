using System.Text.Json.Nodes;

namespace Postern.Snapshots;

/// <summary>Body of <c>POST …/traces</c>.</summary>
/// <param name="Dropped">Traces that were lost before this batch, because the queue was full.</param>
public sealed record TraceBatch(string InstanceId, IReadOnlyList<GatewayTrace> Traces, long Dropped);

/// <summary>What happened to one request that a debug token asked to be traced. Credentials are masked by the gateway.</summary>
/// <param name="Id">What the caller was told in <c>Apim-Trace-Id</c>, and asks <c>listTrace</c> for.</param>
/// <param name="CorrelationId">The request's id in logs.</param>
/// <param name="Entries">By section: <c>inbound</c>, <c>backend</c>, <c>outbound</c>, <c>on-error</c>; sections without entries are left out.</param>
public sealed record GatewayTrace(string Id, string CorrelationId, string ApiId, IReadOnlyDictionary<string, IReadOnlyList<TraceEntry>> Entries);

/// <param name="Source">A policy's element name, or the part of the gateway: <c>api-inspector</c>, <c>transfer-response</c>.</param>
/// <param name="Timestamp">UTC.</param>
/// <param name="Elapsed">Since the request came.</param>
/// <param name="Data">A text, or an object with <c>message</c> and more.</param>
/// <param name="Duration">How long a policy ran, with all that is inside it; null for what takes no time.</param>
/// <param name="Scope">Where the policy's document belongs: <c>global</c>, <c>product</c>, <c>api</c>, <c>operation</c>.</param>
/// <param name="Path">Its place in the document, such as <c>choose[1]\when[2]\set-header[1]</c>.</param>
public sealed record TraceEntry(
    string Source, DateTime Timestamp, TimeSpan Elapsed, JsonNode? Data, TimeSpan? Duration = null, string? Scope = null, string? Path = null);

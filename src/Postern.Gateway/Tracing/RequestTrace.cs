using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Postern.Policies.Runtime;
using Postern.Snapshots;

namespace Postern.Gateway.Tracing;

/// <summary>
/// Records one request for whoever holds a debug token: its head, where it was routed, each policy with its time and what it changed, the
/// backend call, the beginnings of bodies, the answer. It is masked as a whole when it is done, because a secret may be learned late.
/// </summary>
internal sealed class RequestTrace : IStepObserver
{
    /// <summary>More are counted and left out: a loop of retries must not fill the memory.</summary>
    private const int MostEntries = 500;

    private static readonly string[] CredentialPolicies =
        ["authentication-managed-identity", "authentication-basic", "authentication-certificate", "get-authorization-context"];

    private readonly GatewayExchange _exchange;
    private readonly TraceMask _mask;
    private readonly List<TraceStep> _entries = [];
    private readonly Lock _gate = new();
    private readonly BodySample _requestBody = new();
    private readonly JsonObject _requestShown;
    private BodySample _backendBody = new();
    private TraceStep? _running;
    private string _section = "inbound";
    private int _leftOut;

    public RequestTrace(GatewayExchange exchange, string id)
    {
        _exchange = exchange;
        Id = id;
        _mask = new(exchange.State.Debug);
        var context = exchange.Context;
        if (context.Request.Body.State == MessageBodyState.Streaming)
        {
            context.Request.Body.Watch(body => new SampledStream(body, _requestBody));
        }

        _requestShown = Request(context.Request.Method, TraceShapes.Url(context.Request.OriginalUrl, _mask), context.Request.Headers);
        Add("api-inspector", new JsonObject { ["request"] = _requestShown });
        Add("api-inspector", new JsonObject { ["configuration"] = TraceShapes.Configuration(exchange) });
    }

    /// <summary>What the caller is told.</summary>
    public string Id { get; }

    public object Began(PolicyContext context, PolicyPlace place)
    {
        var step = NewEntry(place.Source, place.Section);
        step.Place = place;
        step.Before = MessageState.Of(context);
        lock (_gate)
        {
            step.Outer = _running;
            _running = step;
            _section = place.Section;
            Keep(step);
        }

        return step;
    }

    public void Ended(PolicyContext context, object step, Flow flow)
    {
        var ended = (TraceStep)step;
        ended.Duration = Stopwatch.GetElapsedTime(ended.Ticks);
        var hides = CredentialPolicies.Contains(ended.Source, StringComparer.Ordinal);
        ended.Data = TraceShapes.Outcome(context, ended, flow, _mask, hides);
        lock (_gate)
        {
            _running = ended.Outer;
        }
    }

    /// <summary>The request was refused before any policy ran: no subscription, for instance.</summary>
    public void Refused(PolicyError error) =>
        Add(error.Source, new JsonObject { ["message"] = error.Message, ["reason"] = error.Reason, ["statusCode"] = error.StatusCode });

    /// <summary>What a policy says, with the trace policy's properties.</summary>
    public void Message(string source, TraceSeverity? severity, string message, IReadOnlyList<KeyValuePair<string, string>> properties)
    {
        var data = new JsonObject { ["message"] = message };
        if (severity is { } given)
        {
            data["severity"] = given.ToString().ToLowerInvariant();
        }

        if (properties.Count > 0)
        {
            data["metadata"] = new JsonObject(properties.DistinctBy(pair => pair.Key).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        }

        Add(source, data);
    }

    /// <summary>The request goes to the backend.</summary>
    public void Forwarding(TimeSpan timeout)
    {
        var context = _exchange.Context;
        var url = TraceShapes.BackendUrl(_exchange, _mask);
        var data = new JsonObject
        {
            ["message"] = timeout == Timeout.InfiniteTimeSpan
                ? "Request is being forwarded to the backend service."
                : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Request is being forwarded to the backend service. Timeout set to {timeout.TotalSeconds:0.###} seconds"),
            ["request"] = Request(context.Request.Method, url, context.Request.Headers),
        };
        Add("forward-request", data);
    }

    /// <summary>The backend answered, or could not be asked.</summary>
    public void Forwarded(Flow flow, TimeSpan took)
    {
        var response = _exchange.Context.Response;
        if (flow.Error is { } error)
        {
            Add("forward-request", new JsonObject { ["message"] = error.Message, ["reason"] = error.Reason }, took);
            return;
        }

        var shown = TraceShapes.Response(response, _mask);
        if (response.Body.State == MessageBodyState.Streaming)
        {
            _backendBody = new();
            response.Body.Watch(body => new SampledStream(body, _backendBody));
        }

        Add("forward-request", new JsonObject { ["response"] = shown, ["backendId"] = _exchange.Context.Request.Backend.BackendId }, took);
    }

    /// <summary>The whole trace, masked; called once, when the last byte is sent.</summary>
    public GatewayTrace Finish()
    {
        _section = "outbound";
        var context = _exchange.Context;
        _mask.Learn(context.Subscription?.PrimaryKey);
        _mask.Learn(context.Subscription?.SecondaryKey);
        _requestShown["body"] = Sample(context.Request.Body, _requestBody)?.ToJson(context.Request.Headers);
        var response = TraceShapes.Response(context.Response, _mask);
        response["body"] = Sample(context.Response.Body, _backendBody)?.ToJson(context.Response.Headers);
        Add("transfer-response", new JsonObject
        {
            ["message"] = _exchange.FailureReason is { } reason ? $"The response could not be sent in full: {reason}" : "Response has been sent to the caller in full",
            ["response"] = response,
        });
        lock (_gate)
        {
            var sections = new Dictionary<string, IReadOnlyList<TraceEntry>>(StringComparer.Ordinal);
            var room = new TraceRoom();
            foreach (var section in _entries.GroupBy(entry => entry.Section))
            {
                sections.Add(section.Key, [.. section.Select(entry => entry.ToEntry(room.Fit(_mask.Apply(entry.Data))))]);
            }

            return new(Id, context.RequestId.ToString(), _exchange.Api?.Id ?? "-", sections);
        }
    }

    private void Add(string source, JsonNode data, TimeSpan? duration = null)
    {
        var entry = NewEntry(source, _section);
        entry.Data = data;
        entry.Duration = duration;
        lock (_gate)
        {
            Keep(entry);
        }
    }

    private TraceStep NewEntry(string source, string section) => new(
        section, source, _exchange.Time.GetUtcNow().UtcDateTime, Stopwatch.GetElapsedTime(_exchange.Context.StartTicks), Stopwatch.GetTimestamp());

    /// <summary>The end of the request is always told.</summary>
    private void Keep(TraceStep entry)
    {
        if (_entries.Count < MostEntries)
        {
            _entries.Add(entry);
            return;
        }

        _leftOut++;
        var last = _entries[^1];
        if (last.Source != "trace-limit")
        {
            _entries.Add(last = NewEntry("trace-limit", entry.Section));
        }

        last.Data = $"{_leftOut} more entries are left out";
        if (entry.Source == "transfer-response")
        {
            _entries.Add(entry);
        }
    }

    private JsonObject Request(string method, string url, IHeaderDictionary headers) => new()
    {
        ["method"] = method,
        ["url"] = url,
        ["headers"] = TraceShapes.Headers(headers, _mask),
    };

    /// <summary>A body that a policy set or read is in memory; else what streamed by.</summary>
    private static BodySample? Sample(MessageBody body, BodySample streamed)
    {
        if (body.State != MessageBodyState.Buffered)
        {
            return streamed;
        }

        var sample = new BodySample();
        sample.Add(body.Bytes.Span);
        return sample;
    }
}

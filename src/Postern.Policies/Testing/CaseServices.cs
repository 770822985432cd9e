using System.Text;
using Microsoft.AspNetCore.Http;
using Postern.Policies.Caching;
using Postern.Policies.Certificates;
using Postern.Policies.Expressions;
using Postern.Policies.Runtime;

namespace Postern.Policies.Testing;

/// <summary>The gateway of a case: a clock, counters, and a backend that answers what the file says.</summary>
internal sealed class CaseServices : IPolicyServices, IPolicyHttpClient, IIdentityTokens
{
    private readonly RateCounters _counters = new();
    private readonly List<ResponseDescription> _responses = [];
    private readonly List<ParameterDescription> _parameters = [];
    private readonly List<RepresentationDescription> _requests = [];

    public CaseServices()
    {
        ExternalCache = NewCache();
        Resources = new PolicyResources(this, null) { IdentityTokens = this };
    }

    public CaseClock Clock { get; } = new();

    public PolicyResources Resources { get; private set; }

    public IPolicyCache? ExternalCache { get; private set; }

    /// <summary>Block <c>--- caches internal external</c>: which there are, instead of an external one.</summary>
    public void UseCaches(string names)
    {
        var words = names.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        ExternalCache = words.Contains("external") ? NewCache() : null;
        Resources = new PolicyResources(this, words.Contains("internal") ? NewCache() : null) { IdentityTokens = this };
    }

    public BackendFeatures BackendFeatures => BackendFeatures.Proxy | BackendFeatures.ClientCertificate;

    /// <summary>What other addresses answer, by address.</summary>
    public List<CaseBlock> OtherAnswers { get; } = [];

    /// <summary>Requests that policies sent on their own account.</summary>
    public List<SeenRequest> Sent { get; } = [];

    public bool Describes { get; set; }

    public CertificateTrust CertificateTrust { get; set; } = CertificateTrust.System;

    public TimeProvider Time => Clock;

    public IRateCounters RateCounters => _counters;

    public Dictionary<string, Uri> Backends { get; } = new(StringComparer.Ordinal);

    /// <summary>What the backend answers next; the last one answers all that follow.</summary>
    public Queue<CaseBlock> Answers { get; } = new();

    /// <summary>Requests as the backend saw them.</summary>
    public List<SeenRequest> Seen { get; } = [];

    public List<string> Traces { get; } = [];

    private MemoryPolicyCache NewCache() => new(Clock, 1 << 20, 1 << 12);

    private async ValueTask<Flow> AnswerAsync(PolicyContext context, ForwardOptions options)
    {
        await context.Request.Body.BufferAsync(CancellationToken.None);
        var target = context.Request.Backend;
        if (target.Base is null)
        {
            return Flow.Fail(new PolicyError
            {
                Source = "forward-request",
                Reason = "BackendConnectionFailure",
                Message = "There is no backend address.",
                StatusCode = 500,
            });
        }

        var url = $"{target.Base.GetLeftPart(UriPartial.Path).TrimEnd('/')}{target.Path}{target.Query}";
        Seen.Add(new(context.Request.Method, url, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            MessageText.Decode(context.Request, context.Request.Body.Bytes.Span), options));
        var answer = Answers.Count > 1 ? Answers.Dequeue() : Answers.TryPeek(out var last) ? last : null;
        if (answer?.Argument is "fails" or "times-out")
        {
            return Flow.Fail(new PolicyError
            {
                Source = "forward-request",
                Reason = answer.Argument == "fails" ? "BackendConnectionFailure" : "Timeout",
                Message = answer.Argument == "fails" ? "The backend refused the connection." : "The backend did not answer in time.",
                StatusCode = 500,
            });
        }

        Answer(context.Response, answer is null ? null : CaseMessage.Read(answer));
        return Flow.Continue;
    }

    public ValueTask<Flow> ForwardAsync(PolicyContext context, in ForwardOptions options) => AnswerAsync(context, options);

    public Dictionary<string, string> Loggers { get; } = new(StringComparer.Ordinal);

    public EventHubLogger? FindEventHub(string loggerId) => Loggers.TryGetValue(loggerId, out var text) ? EventHubLogger.FromConnectionString(text, null) : null;

    public Dictionary<string, SchemaDocument> Schemas { get; } = new(StringComparer.Ordinal);

    public SchemaDocument? FindSchema(PolicyContext context, string schemaId) => Schemas.GetValueOrDefault(schemaId);

    public Uri? FindBackend(string backendId) => Backends.GetValueOrDefault(backendId);

    public OperationDescription? Describe(PolicyContext context) => Describes ? new(_parameters, _responses) { Requests = _requests } : null;

    /// <summary>Block <c>--- declares response 200 text/plain</c> or <c>--- declares query name integer required</c>.</summary>
    public void Declare(CaseBlock block)
    {
        Describes = true;
        var words = block.Argument.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        switch (words[0])
        {
            case "request":
                _requests.Add(Representation(words, 1, block.Text));
                break;
            case "response":
                var status = int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture);
                RepresentationDescription[] added = words.Length > 2 ? [Representation(words, 2, block.Text)] : [];
                var known = _responses.FindIndex(response => response.StatusCode == status);
                if (known < 0)
                {
                    _responses.Add(new(status, [], added));
                }
                else
                {
                    _responses[known] = _responses[known] with { Representations = [.. _responses[known].Representations, .. added] };
                }

                break;
            case "response-header":
                _responses[^1] = _responses[^1] with { Headers = [.. _responses[^1].Headers, new("header", words[1], words.Contains("required"), Schema(words))] };
                break;
            default:
                _parameters.Add(new(words[0], words[1], words.Contains("required"), Schema(words)));
                break;
        }
    }

    public async ValueTask SendAsync(OutgoingRequest request, PolicyResponse response, CancellationToken cancellation)
    {
        var message = request.Message;
        Sent.Add(new(message.Method, request.Address.ToString(), message.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            MessageText.Decode(message, message.Body.Bytes.Span), default));
        await Task.Yield();
        var answer = OtherAnswers.LastOrDefault(block => block.Argument.Split(' ')[0] == request.Address.ToString())
            ?? throw new HttpRequestException($"Nothing listens at {request.Address}.");
        if (answer.Argument.EndsWith(" fails", StringComparison.Ordinal))
        {
            throw new HttpRequestException("Connection refused.");
        }

        if (answer.Argument.EndsWith(" times-out", StringComparison.Ordinal))
        {
            throw new OperationCanceledException();
        }

        Answer(response, CaseMessage.Read(answer));
        await response.Body.BufferAsync(cancellation);
    }

    public ValueTask<string> GetAsync(string resource, string? clientId, CancellationToken cancellation) =>
        resource == "nobody" ? throw new InvalidOperationException("There is no such resource.") : new($"token-for-{resource}{(clientId is null ? "" : $"-as-{clientId}")}");

    public void EmitMetric(PolicyContext context, string space, string name, double value, IReadOnlyList<KeyValuePair<string, string>> dimensions) =>
        Traces.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"metric {space}/{name} {value} {string.Join(", ", dimensions.Select(pair => $"{pair.Key}={pair.Value}"))}"));

    /// <summary>A content type, and perhaps <c>schema=ID#/pointer</c>.</summary>
    private static RepresentationDescription Representation(string[] words, int at, string example) => new(words[at], example.Length == 0 ? null : example)
    {
        Schema = words.FirstOrDefault(word => word.StartsWith("schema=", StringComparison.Ordinal))?["schema=".Length..].Split('#', 2) is { } parts
            ? new(parts[0], parts.Length > 1 ? $"#{parts[1]}" : null)
            : null,
    };

    private static ValueSchema Schema(string[] words) => new(
        words.FirstOrDefault(word => word is "string" or "integer" or "number" or "boolean") ?? "",
        Pattern: words.FirstOrDefault(word => word.StartsWith("pattern=", StringComparison.Ordinal))?["pattern=".Length..],
        Maximum: words.FirstOrDefault(word => word.StartsWith("max=", StringComparison.Ordinal)) is { } max
            ? double.Parse(max["max=".Length..], System.Globalization.CultureInfo.InvariantCulture)
            : null,
        Allowed: words.FirstOrDefault(word => word.StartsWith("one-of=", StringComparison.Ordinal))?["one-of=".Length..].Split('|'));

    public void Trace(PolicyContext context, string source, string message) => Traces.Add($"{source}: {message}");

    private static void Answer(PolicyResponse response, CaseMessage? answer)
    {
        response.Headers.Clear();
        response.Exists = true;
        var first = (answer?.FirstLine ?? "200").Split(' ', 2);
        response.StatusCode = int.Parse(first[0], System.Globalization.CultureInfo.InvariantCulture);
        response.Reason = first.Length > 1 ? first[1] : null;
        foreach (var (name, value) in answer?.Headers ?? [])
        {
            response.Headers.Append(name, value);
        }

        response.Body.SetStream(new MemoryStream(Encoding.UTF8.GetBytes(answer?.Body ?? "")));
    }
}

internal sealed record SeenRequest(string Method, string Url, IReadOnlyDictionary<string, string> Headers, string Body, ForwardOptions Options);

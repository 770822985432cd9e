using System.Text;
using Microsoft.AspNetCore.Http;
using Postern.Policies.Expressions;
using Postern.Policies.Runtime;

namespace Postern.Policies.Testing;

/// <summary>The gateway of a case: a clock, counters, and a backend that answers what the file says.</summary>
internal sealed class CaseServices : IPolicyServices
{
    private readonly RateCounters _counters = new();

    public CaseClock Clock { get; } = new();

    public TimeProvider Time => Clock;

    public IRateCounters RateCounters => _counters;

    public Dictionary<string, Uri> Backends { get; } = new(StringComparer.Ordinal);

    /// <summary>What the backend answers next; the last one answers all that follow.</summary>
    public Queue<CaseBlock> Answers { get; } = new();

    /// <summary>Requests as the backend saw them.</summary>
    public List<SeenRequest> Seen { get; } = [];

    public List<string> Traces { get; } = [];

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

    public Uri? FindBackend(string backendId) => Backends.GetValueOrDefault(backendId);

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

using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("forward-request", In.Backend, Summary = "Sends the request to the backend and waits for the response's headers.")]
internal sealed record ForwardRequestPolicy : Policy, ILight
{
    [XmlAttribute("timeout", Min = 0, Summary = "Seconds until the response's headers must be there.")]
    public Value<int>? Timeout { get; init; }

    [XmlAttribute("timeout-ms", Min = 0, Summary = "The same in milliseconds.")]
    public Value<int>? TimeoutMilliseconds { get; init; }

    [XmlAttribute("continue-timeout", Min = 0, Summary = "Seconds that the body waits for the backend to say 100 Continue; without it, or with 0, the body is sent at once.")]
    public Value<int>? ContinueTimeout { get; init; }

    [XmlAttribute("http-version", Summary = "HTTP version to the backend.")]
    public HttpVersionChoice HttpVersion { get; init; }

    [XmlAttribute("follow-redirects", Summary = "Follow redirects instead of passing them on.")]
    public Value<bool> FollowRedirects { get; init; } = false;

    [XmlAttribute("buffer-request-body", Summary = "Keep the body so that retry can send it again.")]
    public bool BufferRequestBody { get; init; }

    [XmlAttribute("buffer-response", Summary = "false passes every chunk on at once, as event streams need it.")]
    public bool BufferResponse { get; init; } = true;

    [XmlAttribute("fail-on-error-status-code", Summary = "Treat a status of 400 to 599 as an error.")]
    public bool FailOnErrorStatusCode { get; init; }

    public override void Validate(PolicyRules rules) =>
        rules.Check(Timeout is null || TimeoutMilliseconds is null, "The attributes 'timeout' and 'timeout-ms' exclude each other.");

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var version = (HttpVersionRule)HttpVersion;
        if ((Timeout?.IsConstant ?? true) && (TimeoutMilliseconds?.IsConstant ?? true) && (ContinueTimeout?.IsConstant ?? true) && FollowRedirects.IsConstant && !FailOnErrorStatusCode)
        {
            var constant = new ForwardOptions(
                TimerSpan.FromMilliseconds(TimeoutMilliseconds?.Constant ?? (Timeout?.Constant ?? 300) * 1000L),
                Continue(ContinueTimeout?.Constant), version, FollowRedirects.Constant, BufferRequestBody);
            return context => context.Services.ForwardAsync(context, constant);
        }

        return async context =>
        {
            var timeout = TimerSpan.FromMilliseconds(TimeoutMilliseconds?.Get(context) ?? (Timeout?.Get(context) ?? 300) * 1000L);
            var options = new ForwardOptions(timeout, Continue(ContinueTimeout?.Get(context)), version, FollowRedirects.Get(context), BufferRequestBody);
            var flow = await context.Services.ForwardAsync(context, options);
            return flow.Kind == FlowKind.Continue && FailOnErrorStatusCode && context.Response.StatusCode is >= 400 and <= 599 ? BackendError(context) : flow;
        };
    }

    private static TimeSpan? Continue(int? seconds) => seconds > 0 ? TimerSpan.FromSeconds(seconds.Value) : null;

    /// <summary>Without on-error the caller gets what the backend said.</summary>
    private Flow BackendError(PolicyContext context) => Flow.Fail(Error(
        context.Response.StatusCode, "BackendErrorStatusCode", $"The backend answered with status {context.Response.StatusCode}.") with
    {
        KeepsResponse = true,
    });
}

/// <summary>In the order of <see cref="HttpVersionRule"/>.</summary>
internal enum HttpVersionChoice : byte
{
    [Written("1")]
    One,

    [Written("2or1")]
    TwoOrOne,

    [Written("2")]
    Two,
}

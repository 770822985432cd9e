using Microsoft.AspNetCore.Http;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("send-one-way-request", In.Everywhere, Summary = "Sends a request and does not wait for the response.")]
internal sealed record SendOneWayRequestPolicy : Policy
{
    [XmlAttribute("mode", Summary = "A new request, or a copy of the current one.")]
    public Value<SendMode> Mode { get; init; } = SendMode.New;

    [XmlAttribute("timeout", Min = 1, Summary = "Seconds until the call is given up.")]
    public Value<int> Timeout { get; init; } = 60;

    [ChildPolicies("set-url", "set-method", "set-header", "set-body", "authentication-basic", "authentication-certificate",
        "authentication-managed-identity", "proxy", "include-fragment", Summary = "Build the request.")]
    public IReadOnlyList<Policy> Parts { get; init; } = [];

    public override void Validate(PolicyRules rules) => OutgoingMessages.CheckParts(rules, Parts, Mode);

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var edits = MessageBuilder.Compile(Parts, compile);
        return async context =>
        {
            var request = await OutgoingMessages.BeginAsync(context, Mode.Get(context) == SendMode.Copy, withBody: compile.OnRequest);
            var flow = await edits.RunAsync(context, request);
            if (flow.Kind == FlowKind.Fail)
            {
                return flow;
            }

            if (context.Services.Resources?.Http is not { } http)
            {
                return Flow.Fail(Error(500, "PolicyNotSupported", "This host sends no requests for policies.") with { PublicMessage = null });
            }

            if (OutgoingMessages.ParseAddress(request.OwnAddress) is { } address)
            {
                // Not awaited, and free of the context: that is the next request's by the time the answer comes.
                _ = SendAsync(http, new(address, request, request.BackendProxy, request.BackendCertificate), TimerSpan.FromSeconds(Timeout.Get(context)), context.Services.Time);
            }
            else
            {
                context.Services.Trace(context, Name, "The address is not an absolute http or https address.");
            }

            return Flow.Continue;
        };
    }

    private static async Task SendAsync(IPolicyHttpClient http, OutgoingRequest request, TimeSpan timeout, TimeProvider time)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        try
        {
            await http.SendAsync(request, new PolicyResponse { Headers = new HeaderDictionary() }, limit.Token);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or OperationCanceledException or MessageBodyTooLargeException)
        {
            // Nobody waits for it.
        }
    }
}

using Microsoft.AspNetCore.Http;
using Postern.Policies.Expressions;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("send-request", In.Everywhere, Summary = "Sends a request and keeps the response in a variable.")]
internal sealed record SendRequestPolicy : Policy
{
    [XmlAttribute("mode", Summary = "A new request, or a copy of the current one.")]
    public Value<SendMode> Mode { get; init; } = SendMode.New;

    [XmlAttribute("response-variable-name", Summary = "Variable that gets the response.")]
    public required Value<string> Variable { get; init; }

    [XmlAttribute("timeout", Min = 1, Summary = "Seconds until the call fails.")]
    public Value<int> Timeout { get; init; } = 60;

    [XmlAttribute("ignore-error", Summary = "Go on after a failure; the variable is then null.")]
    public bool IgnoreError { get; init; }

    [ChildPolicies("set-url", "set-method", "set-header", "set-body", "authentication-basic", "authentication-certificate",
        "authentication-managed-identity", "proxy", "include-fragment", Summary = "Build the request.")]
    public IReadOnlyList<Policy> Parts { get; init; } = [];

    public override void Validate(PolicyRules rules) => OutgoingMessages.CheckParts(rules, Parts, Mode);

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var edits = MessageBuilder.Compile(Parts, compile);
        return async context =>
        {
            var variable = Variable.Get(context);
            var request = await OutgoingMessages.BeginAsync(context, Mode.Get(context) == SendMode.Copy, withBody: compile.OnRequest);
            var flow = await edits.RunAsync(context, request);
            if (flow.Kind == FlowKind.Fail)
            {
                return flow;
            }

            var response = new PolicyResponse { Headers = new HeaderDictionary(), Exists = true };
            var error = await SendAsync(context, request, response);
            if (error is not null && !IgnoreError)
            {
                return Flow.Fail(error);
            }

            context.Variables.Set(variable, error is null ? new ResponseView(response) : null);
            return Flow.Continue;
        };
    }

    private async ValueTask<PolicyError?> SendAsync(PolicyContext context, PolicyRequest request, PolicyResponse response)
    {
        if (context.Services.Resources?.Http is not { } http)
        {
            return Failure("PolicyNotSupported", "This host sends no requests for policies.");
        }

        if (OutgoingMessages.ParseAddress(request.OwnAddress) is not { } address)
        {
            return Failure("BackendConnectionFailure", "The address is not an absolute http or https address.");
        }

        using var timeout = new CancellationTokenSource(TimerSpan.FromSeconds(Timeout.Get(context)), context.Services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, context.Aborted);
        try
        {
            await http.SendAsync(new(address, request, request.BackendProxy, request.BackendCertificate), response, either.Token);
            return null;
        }
        catch (OperationCanceledException) when (!context.Aborted.IsCancellationRequested)
        {
            return Failure("Timeout", "The response did not come in time.");
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or MessageBodyTooLargeException)
        {
            return Failure("BackendConnectionFailure", problem.Message);
        }
    }

    private PolicyError Failure(string reason, string message) => Error(500, reason, message) with { PublicMessage = null };
}

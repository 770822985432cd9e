using Microsoft.AspNetCore.Http;
using Postern.Policies.Expressions;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("return-response", In.Everywhere, Summary = "Ends the pipeline and sends a response.")]
internal sealed record ReturnResponsePolicy : Policy
{
    [XmlAttribute("response-variable-name", Summary = "Variable with a response, for example of send-request, to begin with.")]
    public string? Variable { get; init; }

    [ChildPolicies("set-status", "set-header", "set-body", "include-fragment", Summary = "Build the response, or change the variable's.")]
    public IReadOnlyList<Policy> Parts { get; init; } = [];

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var edits = MessageBuilder.Compile(Parts, compile);
        return async context =>
        {
            var built = new PolicyResponse { Headers = new HeaderDictionary() };
            if (Variable is not null)
            {
                if (context.Variables[Variable] is not ResponseView { Response: var stored })
                {
                    return Flow.Fail(Error(500, "ResponseVariableInvalid", $"Variable '{Variable}' does not hold a response.") with { PublicMessage = null });
                }

                stored.CopyTo(built);
            }

            var flow = await edits.RunAsync(context, built);
            if (flow.Kind == FlowKind.Fail)
            {
                return flow;
            }

            built.CopyTo(context.Response);
            return Flow.Respond;
        };
    }
}

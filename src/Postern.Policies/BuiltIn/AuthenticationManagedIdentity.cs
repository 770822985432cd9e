using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("authentication-managed-identity", In.Inbound | In.Backend | In.Outbound, Summary = "Authenticates to the backend with a token of the gateway's own identity.")]
internal sealed record AuthenticationManagedIdentityPolicy : Policy, IMessagePolicy
{
    [XmlAttribute("resource", Summary = "Who the token is for.")]
    public required Value<string> Resource { get; init; }

    [XmlAttribute("client-id", Summary = "A user-assigned identity; the gateway's own when left out.")]
    public Value<string>? ClientId { get; init; }

    [XmlAttribute("output-token-variable-name", Summary = "Put the token into this variable instead of the Authorization header.")]
    public string? Variable { get; init; }

    [XmlAttribute("ignore-error", Summary = "Go on without a token after a failure.")]
    public bool IgnoreError { get; init; }

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var edit = CompileEdit(compile);
        return context => edit(context, context.Request);
    }

    public MessageEdit CompileEdit(PolicyCompile compile) => async (context, message) =>
    {
        try
        {
            if (context.Services.Resources?.IdentityTokens is not { } tokens)
            {
                return IgnoreError ? Flow.Continue : Flow.Fail(Failed(PolicyResources.NoIdentity));
            }

            var token = await tokens.GetAsync(Resource.Get(context), ClientId?.Get(context), context.Aborted);
            if (Variable is not null)
            {
                context.Variables.Set(Variable, token);
            }
            else
            {
                message.Headers.Authorization = $"Bearer {token}";
            }

            return Flow.Continue;
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or InvalidOperationException)
        {
            return IgnoreError ? Flow.Continue : Flow.Fail(Failed(problem.Message));
        }
    };

    private PolicyError Failed(string message) => Error(500, "ManagedIdentityTokenFailure", message) with { PublicMessage = null };
}

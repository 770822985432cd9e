using Postern.Policies.Language;
using Postern.Policies.Runtime;
using Postern.Policies.Tokens;

namespace Postern.Policies.BuiltIn;

/// <summary>What the policies that check tokens do with the verdict.</summary>
internal sealed record TokenOutcome(Value<int> Code, Value<string>? Message, string? Variable)
{
    public Flow Apply(Policy policy, PolicyContext context, TokenVerdict verdict)
    {
        if (verdict.Refusal is { } refusal)
        {
            return Refuse(policy, context, refusal);
        }

        if (Variable is not null)
        {
            context.Variables.Set(Variable, verdict.Token);
        }

        return Flow.Continue;
    }

    /// <summary>The configured message is for the caller; on-error policies hear what was wrong.</summary>
    public Flow Refuse(Policy policy, PolicyContext context, TokenRefusal refusal) => Flow.Fail(new PolicyError
    {
        Source = policy.Name,
        Reason = refusal.Reason,
        Message = refusal.Message,
        StatusCode = Code.Get(context),
        PublicMessage = Message?.Get(context) is { Length: > 0 } configured ? configured : refusal.Message,
    });
}

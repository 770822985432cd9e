using Postern.Policies.Expressions;
using Postern.Policies.Runtime;

namespace Postern.Policies.Language;

/// <summary>Child policies that build a message, for return-response and send-request.</summary>
internal sealed class MessageBuilder
{
    private readonly (MessageEdit Edit, Policy Policy, BodyUse Needs)[] _edits;
    private readonly PolicyCompile _compile;

    private MessageBuilder(PolicyCompile compile, (MessageEdit, Policy, BodyUse)[] edits)
    {
        _compile = compile;
        _edits = edits;
    }

    public static MessageBuilder Compile(IReadOnlyList<Policy> parts, PolicyCompile compile) => new(compile,
    [
        .. parts.OfType<IMessagePolicy>().Select(part => (
            part.CompileEdit(compile),
            (Policy)part,
            ((Policy)part).Expressions.Aggregate(BodyUse.None, (needs, expression) => needs | expression.Needs))),
    ]);

    /// <summary>A failure is the child's, with its path.</summary>
    public async ValueTask<Flow> RunAsync(PolicyContext context, PolicyMessage message)
    {
        foreach (var (edit, policy, needs) in _edits)
        {
            try
            {
                await BodyBuffering.BufferAsync(context, needs);
                var flow = await edit(context, message);
                if (flow.Kind != FlowKind.Continue)
                {
                    return flow.Error is { Path: null } error ? Failed(error, policy) : flow;
                }
            }
            catch (ExpressionFailedException problem)
            {
                return Failed(new()
                {
                    Source = policy.Name,
                    Reason = "ExpressionValueEvaluationFailure",
                    Message = problem.Message,
                    StatusCode = 500,
                    Exception = problem.InnerException,
                }, policy);
            }
        }

        return Flow.Continue;
    }

    private Flow Failed(PolicyError error, Policy policy) => Flow.Fail(error with
    {
        Path = policy.Path,
        PolicyId = policy.Id,
        Section = _compile.Section.ToName(),
        Scope = _compile.Scope.ScopeName(),
    });
}

using System.Runtime.CompilerServices;
using Postern.Policies.BuiltIn;
using Postern.Policies.Expressions;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies;

/// <summary>The effective policy of one operation: four flat lists of steps, composed once when the configuration is loaded.</summary>
public sealed class PolicyProgram : IPolicyProgram
{
    /// <summary>Inbound, backend and outbound, in the order in which they run.</summary>
    private readonly StepList[] _sections;
    private readonly StepList _onError;
    private readonly CorsRules[] _cors;

    private PolicyProgram(StepList[] sections, StepList onError)
    {
        _sections = sections;
        _onError = onError;
        _cors = [.. sections[0].Places.Select(place => place.Cors).OfType<CorsRules>()];
    }

    /// <inheritdoc/>
    public bool TryAnswerPreflight(PolicyContext context)
    {
        if (_cors.Length == 0)
        {
            return false;
        }

        try
        {
            CorsRules.AnswerPreflight(context, _cors);
        }
        catch (ExpressionFailedException problem)
        {
            // Fails closed: an answer that allows nothing.
            context.Services.Trace(context, "cors", problem.Message);
            context.Response.Headers.Clear();
            context.Response.Headers.Vary = "Origin";
        }

        return true;
    }

    /// <summary>
    /// Puts the documents of the scopes together: <c>&lt;base /&gt;</c> becomes the enclosing scope's section. A scope without a
    /// document passes its parent through; a document without a section cuts inheritance, as an empty section does.
    /// </summary>
    public static PolicyProgram Compose(CompiledPolicy? global, CompiledPolicy? product, CompiledPolicy? api, CompiledPolicy? operation)
    {
        CompiledPolicy?[] chain = [global, product, api, operation];
        return new([Flatten(chain, Section.Inbound), Flatten(chain, Section.Backend), Flatten(chain, Section.Outbound)], Flatten(chain, Section.OnError));
    }

    /// <summary>Runs inbound, backend and outbound, or on-error after a failure.</summary>
    public ValueTask RunAsync(PolicyContext context)
    {
        var flow = Flow.Continue;
        for (var i = 0; i < _sections.Length && flow.Kind == FlowKind.Continue; i++)
        {
            var running = Enter(i, context);
            if (!running.IsCompletedSuccessfully)
            {
                return ContinueAsync(context, running, i);
            }

            flow = running.Result;
        }

        return flow.Kind switch
        {
            FlowKind.Fail => RunErrorAsync(context, flow.Error!),
            FlowKind.Resume => ContinueAsync(context, ResumeAsync(context), _sections.Length),
            _ => FinishAsync(context),
        };
    }

    /// <summary>The response is a kept one: what outbound did before it was kept is in it already.</summary>
    private ValueTask<Flow> ResumeAsync(PolicyContext context)
    {
        var outbound = _sections[(int)Section.Outbound];
        return outbound.RunAsync(context, outbound.AfterStore(context.CacheQuestion?.Scope));
    }

    private ValueTask<Flow> Enter(int section, PolicyContext context)
    {
        // Past the backend section there is a response, even when nobody made one.
        context.Response.Exists |= section == (int)Section.Outbound;
        return _sections[section].RunAsync(context);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ContinueAsync(PolicyContext context, ValueTask<Flow> running, int i)
    {
        var flow = await running;
        while (flow.Kind == FlowKind.Continue && ++i < _sections.Length)
        {
            flow = await Enter(i, context);
        }

        if (flow.Kind == FlowKind.Resume)
        {
            flow = await ResumeAsync(context);
        }

        if (flow.Kind == FlowKind.Fail)
        {
            await HandleAsync(context, flow.Error!);
        }

        await FinishAsync(context);
    }

    /// <summary>Runs on-error for a failure of a built-in step.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask RunErrorAsync(PolicyContext context, PolicyError error)
    {
        await HandleAsync(context, error);
        await FinishAsync(context);
    }

    private async ValueTask HandleAsync(PolicyContext context, PolicyError error)
    {
        context.LastError = error;
        ErrorResponse.Write(context, error);
        var flow = await _onError.RunAsync(context);
        if (flow.Kind == FlowKind.Fail)
        {
            // A failure of on-error ends it; there is nobody left to handle it.
            context.LastError = flow.Error;
            ErrorResponse.Write(context, flow.Error!);
        }
    }

    private static ValueTask FinishAsync(PolicyContext context)
    {
        context.Response.Exists = true;
        if (context.AtEnd is { Count: > 0 } steps)
        {
            return FinishSlowlyAsync(context, steps);
        }

        PutStamps(context);
        return ValueTask.CompletedTask;
    }

    private static async ValueTask FinishSlowlyAsync(PolicyContext context, List<PolicyStep> steps)
    {
        // What the steps cost was looked at where they came from; here nothing is known of it.
        await SocketThread.LeaveAsync();
        for (var i = 0; i < steps.Count; i++)
        {
            try
            {
                await steps[i](context);
            }
            catch (Exception problem)
            {
                // The response is settled; what comes late must not change it.
                context.Services.Trace(context, "end", problem.Message);
            }
        }

        PutStamps(context);
    }

    private static void PutStamps(PolicyContext context)
    {
        if (context.ResponseStamps is { Count: > 0 } stamps)
        {
            foreach (var (name, value) in stamps)
            {
                context.Response.Headers[name] = value;
            }
        }
    }

    private static StepList Flatten(CompiledPolicy?[] chain, Section section)
    {
        PlacedStep[] inherited = [];
        foreach (var policy in chain)
        {
            if (policy is not null)
            {
                inherited = [.. policy[section].SelectMany(step => step is null ? inherited : [step])];
            }
        }

        return new(inherited);
    }
}

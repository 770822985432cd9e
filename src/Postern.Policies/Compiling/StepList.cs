using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Postern.Policies.Expressions;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies;

/// <summary>
/// Steps in order. Runs without a state machine as long as steps complete at once; exceptions become failures here, and a
/// failure learns where it happened.
/// </summary>
internal sealed class StepList
{
    private readonly PolicyStep[] _steps;
    private readonly PlacedStep[] _places;

    public StepList(PlacedStep[] steps)
    {
        _places = steps;
        _steps = [.. steps.Select(step => step.Run)];
    }

    public IReadOnlyList<PlacedStep> Places => _places;

    /// <summary>Where outbound goes on with a kept response: after the cache-store of that scope, or else of any; 0 when there is none.</summary>
    public int AfterStore(string? scope)
    {
        var own = Array.FindIndex(_places, place => place.HoldsCacheStore && place.Scope == scope);
        return (own >= 0 ? own : Array.FindIndex(_places, static place => place.HoldsCacheStore)) + 1;
    }

    /// <param name="from">Steps before it are left out.</param>
    public ValueTask<Flow> RunAsync(PolicyContext context, int from = 0)
    {
        if (context.Observer is { } observer)
        {
            return RunObservedAsync(context, observer, from);
        }

        var steps = _steps;
        for (var i = from; i < steps.Length; i++)
        {
            Flow flow;
            try
            {
                var running = steps[i](context);
                if (!running.IsCompletedSuccessfully)
                {
                    return ContinueAsync(context, running, i);
                }

                flow = running.Result;
            }
            catch (Exception problem)
            {
                flow = Failed(context, problem, _places[i]);
            }

            if (flow.Kind != FlowKind.Continue)
            {
                return new(Place(flow, _places[i]));
            }
        }

        return default;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Flow> ContinueAsync(PolicyContext context, ValueTask<Flow> running, int i)
    {
        while (true)
        {
            Flow flow;
            try
            {
                flow = await running;
            }
            catch (Exception problem)
            {
                flow = Failed(context, problem, _places[i]);
            }

            if (flow.Kind != FlowKind.Continue)
            {
                return Place(flow, _places[i]);
            }

            if (++i == _steps.Length)
            {
                return Flow.Continue;
            }

            try
            {
                running = _steps[i](context);
            }
            catch (Exception problem)
            {
                return Place(Failed(context, problem, _places[i]), _places[i]);
            }
        }
    }

    private async ValueTask<Flow> RunObservedAsync(PolicyContext context, IStepObserver observer, int from)
    {
        for (var i = from; i < _steps.Length; i++)
        {
            // Watching is no light work.
            if (SocketThread.IsCurrent)
            {
                await SocketThread.LeaveAsync();
            }

            var place = _places[i];
            var step = observer.Began(context, new(place.Source, place.Path, place.PolicyId, place.Section, place.Scope));
            Flow flow;
            try
            {
                flow = await _steps[i](context);
            }
            catch (Exception problem)
            {
                flow = Failed(context, problem, place);
            }

            flow = Place(flow, place);
            observer.Ended(context, step, flow);
            if (flow.Kind != FlowKind.Continue)
            {
                return flow;
            }
        }

        return Flow.Continue;
    }

    /// <summary>The innermost list wins: it knows the whole path.</summary>
    private static Flow Place(Flow flow, PlacedStep place) =>
        flow is { Kind: FlowKind.Fail, Error: { Path: null } error }
            ? Flow.Fail(error with { Path = place.Path, PolicyId = place.PolicyId, Section = place.Section, Scope = place.Scope })
            : flow;

    private static Flow Failed(PolicyContext context, Exception problem, PlacedStep place)
    {
        var (reason, status) = problem switch
        {
            ExpressionFailedException { InnerException: MessageBodyTooLargeException } => ("MessageBodyTooLarge", 413),
            ExpressionFailedException => ("ExpressionValueEvaluationFailure", 500),
            OperationCanceledException when context.Aborted.IsCancellationRequested => ("ClientConnectionFailure", 500),
            MessageBodyTooLargeException => ("MessageBodyTooLarge", 413),
            BodyEncodingException undecodable => ("MessageBodyEncodingInvalid", undecodable.StatusCode),
            BadHttpRequestException { StatusCode: 413 } => ("MessageBodyTooLarge", 413),
            BadHttpRequestException { StatusCode: >= 400 and < 500 and var bad } => ("ClientConnectionFailure", bad),
            _ => ("InternalFailure", 500),
        };
        return Flow.Fail(new PolicyError
        {
            Source = place.Source,
            Reason = reason,
            Message = problem.Message,
            StatusCode = status,
            PublicMessage = status is >= 400 and < 500 ? problem.Message : null,
            Exception = (problem as ExpressionFailedException)?.InnerException ?? problem,
        });
    }
}

using Postern.Policies.Runtime;

namespace Postern.Policies.Language;

/// <summary>Reads bodies into memory before expressions look at them, so that no expression ever blocks a thread.</summary>
internal static class BodyBuffering
{
    public static ValueTask BufferAsync(PolicyContext context, BodyUse needs)
    {
        if ((needs & BodyUse.Request) != 0 && context.Request.Body.State == MessageBodyState.Streaming)
        {
            return BufferSlowlyAsync(context, needs);
        }

        return (needs & BodyUse.Response) != 0 && context.Response.Body.State == MessageBodyState.Streaming
            ? BufferSlowlyAsync(context, needs)
            : ValueTask.CompletedTask;
    }

    public static PolicyStep Before(PolicyStep step, BodyUse needs) => context =>
    {
        var buffering = BufferAsync(context, needs);
        return buffering.IsCompletedSuccessfully ? step(context) : BufferThenRunAsync(buffering, step, context);
    };

    private static async ValueTask<Flow> BufferThenRunAsync(ValueTask buffering, PolicyStep step, PolicyContext context)
    {
        await buffering;
        return await step(context);
    }

    private static async ValueTask BufferSlowlyAsync(PolicyContext context, BodyUse needs)
    {
        if ((needs & BodyUse.Request) != 0)
        {
            await context.Request.Body.BufferAsync(context.Aborted);
        }

        if ((needs & BodyUse.Response) != 0)
        {
            await context.Response.Body.BufferAsync(context.Aborted);
        }
    }
}

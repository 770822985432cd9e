using Postern.Policies.Runtime;

namespace Postern.Policies.Language;

/// <summary>
/// Marks a policy whose own work is small and bounded, whatever the message: it may run on the threads that wait for sockets. Every other
/// policy leaves them first, and so does this one when one of its expressions is not as small.
/// </summary>
internal interface ILight;

/// <summary>Takes work that may last to the thread pool.</summary>
internal static class HeavyWork
{
    public static bool Is(Policy policy) => policy is not ILight || policy.Expressions.Exists(static expression => !expression.Light);

    public static PolicyStep Before(PolicyStep step) => context => SocketThread.IsCurrent ? LeaveThenRunAsync(step, context) : step(context);

    private static async ValueTask<Flow> LeaveThenRunAsync(PolicyStep step, PolicyContext context)
    {
        await SocketThread.LeaveAsync();
        return await step(context);
    }
}

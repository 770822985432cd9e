using System.Runtime.CompilerServices;

namespace Postern.Policies.Runtime;

/// <summary>
/// The threads that wait for sockets. A host may run requests on them; then whatever computes for long, or might block, has to leave first,
/// because it holds up every connection of that thread.
/// </summary>
public static class SocketThread
{
    /// <summary>Set once, when the process starts, by a host whose requests run on such threads.</summary>
    public static bool RunsRequests { get; set; }

    public static bool IsCurrent => RunsRequests && !Thread.CurrentThread.IsThreadPoolThread;

    /// <summary>What follows runs on the thread pool. Costs next to nothing when it does already.</summary>
    public static ConfiguredTaskAwaitable LeaveAsync() =>
        Task.CompletedTask.ConfigureAwait(IsCurrent ? ConfigureAwaitOptions.ForceYielding : ConfigureAwaitOptions.None);
}

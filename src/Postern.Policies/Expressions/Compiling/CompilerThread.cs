using System.Runtime.ExceptionServices;

namespace Postern.Policies.Expressions;

/// <summary>
/// Where the compiler runs: on a thread with stack enough for what <see cref="WellFormedExpression"/> lets through, and that nobody waits for
/// when a text keeps the compiler busy: it looks at a cancellation now and then only, and a few lines can make the work between two looks last
/// for hours. Such a thread is left to its end, behind everything else.
/// </summary>
internal static class CompilerThread
{
    /// <summary>Of wall time. A thousand expressions take a second; a machine that is busy with something else takes its time.</summary>
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(30);

    /// <summary>Reserved, not used: a thousand levels of the worst syntax need about a tenth.</summary>
    private const int StackBytes = 32 * 1024 * 1024;

    /// <param name="work">Changes nothing that anybody looks at when it was given up.</param>
    /// <returns>Null when the work was given up.</returns>
    public static T? Run<T>(Func<T> work, TimeSpan? limit = null)
        where T : class
    {
        T? result = null;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Volatile.Write(ref result, work());
            }
            catch (Exception problem)
            {
                failure = ExceptionDispatchInfo.Capture(problem);
            }
        }, StackBytes)
        {
            IsBackground = true,
            Name = "Expression compiler",
            Priority = Thread.CurrentThread.Priority,
        };
        thread.Start();
        if (!thread.Join(limit ?? MaxTime))
        {
            thread.Priority = ThreadPriority.Lowest;
            return null;
        }

        failure?.Throw();
        return result;
    }
}

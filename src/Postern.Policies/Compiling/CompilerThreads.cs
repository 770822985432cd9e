namespace Postern.Policies;

/// <summary>
/// Runs the compiler on threads of its own: those of the pool serve requests, and one that compiles for a second is missing there. Compiling
/// gives way to requests where the system knows priorities.
/// </summary>
internal static class CompilerThreads
{
    /// <summary>Returns when all is done; uses as many threads as there are processors.</summary>
    public static void Run<T>(IReadOnlyList<T> items, CancellationToken cancellation, Action<T> work)
    {
        var next = -1;
        void TakeAll()
        {
            for (int i; (i = Interlocked.Increment(ref next)) < items.Count;)
            {
                cancellation.ThrowIfCancellationRequested();
                work(items[i]);
            }
        }

        // Waiting as for tasks lets the pool put another thread in the place of the one that waits.
        Task.WaitAll([.. Enumerable.Range(0, Math.Min(items.Count, Environment.ProcessorCount)).Select(_ => Start(TakeAll))], CancellationToken.None);
    }

    public static Task Start(Action work) => Task.Factory.StartNew(
        () =>
        {
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
            work();
        },
        CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
}

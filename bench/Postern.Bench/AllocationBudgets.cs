using System.Diagnostics;
using System.Globalization;

namespace Postern.Bench;

/// <summary>
/// Bytes that one run of each subject may allocate, kept in <c>budgets.txt</c>. Allocations are exact and the same on every machine, so this
/// is the part of speed that a build can hold; times are compared by <c>bench/compare</c>.
/// </summary>
internal static class AllocationBudgets
{
    private const int RunsPerBatch = 1_000;

    /// <summary>
    /// Batches until a subject counts as over its budget: the JIT removes some allocations only in its last pass. That pass runs beside this
    /// program, and late on a machine with other work, so both the batches and the time must be used up.
    /// </summary>
    private const int MostBatches = 400;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>By then the JIT has made its last version of whatever runs all the time.</summary>
    private static readonly TimeSpan SettlingTime = TimeSpan.FromMilliseconds(700);

    /// <returns>0 when every subject is within its budget, 1 when one is not, has none, or a budget has no subject.</returns>
    public static int Check(string file, TextWriter output)
    {
        var budgets = Read(file);
        var within = true;
        foreach (var subject in Subject.All)
        {
            if (!budgets.Remove(subject.Name, out var budget))
            {
                output.WriteLine($"{subject.Name,-44} has no line in budgets.txt");
                within = false;
                continue;
            }

            subject.Prepare();
            var allocated = Measure(subject, budget);
            output.WriteLine($"{subject.Name,-44} {allocated,8} of {budget,8} bytes{(allocated > budget ? "  OVER" : "")}");
            within &= allocated <= budget;
        }

        foreach (var orphan in budgets.Keys)
        {
            output.WriteLine($"{orphan,-44} is in budgets.txt and nothing is measured for it");
            within = false;
        }

        return within ? 0 : 1;
    }

    /// <summary>Writes lines as <c>budgets.txt</c> has them, with what each subject allocates once the JIT is done with it.</summary>
    public static int Propose(string prefix, TextWriter output)
    {
        foreach (var subject in Subject.All.Where(subject => subject.Name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            subject.Prepare();
            var started = Stopwatch.GetTimestamp();
            var least = long.MaxValue;
            while (Stopwatch.GetElapsedTime(started) < SettlingTime)
            {
                least = Math.Min(least, Batch(subject));
            }

            output.WriteLine($"{subject.Name,-44} {least,8}");
        }

        return 0;
    }

    /// <summary>The least of the batches, in bytes for one run; stops at the first that is within the budget.</summary>
    private static long Measure(Subject subject, long budget)
    {
        var least = long.MaxValue;
        var started = Stopwatch.GetTimestamp();
        for (var batch = 0; least > budget && (batch < MostBatches || Stopwatch.GetElapsedTime(started) < Patience); batch++)
        {
            least = Math.Min(least, Batch(subject));
        }

        return least;
    }

    /// <returns>Bytes for one run, those of this thread.</returns>
    private static long Batch(Subject subject)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var run = 0; run < RunsPerBatch; run++)
        {
            subject.Run();
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / RunsPerBatch;
    }

    /// <summary>Lines of a name, blanks and a number of bytes; <c>#</c> begins a comment.</summary>
    private static Dictionary<string, long> Read(string file)
    {
        var budgets = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(file))
        {
            var text = line.Split('#')[0].Trim();
            if (text.Length > 0)
            {
                var blank = text.LastIndexOf(' ');
                budgets.Add(text[..blank].Trim(), long.Parse(text[blank..], CultureInfo.InvariantCulture));
            }
        }

        return budgets;
    }
}

using System.Globalization;

namespace Postern.Bench;

/// <summary>
/// Bytes that one run of each subject may allocate, kept in <c>budgets.txt</c>. Allocations are exact and the same on every machine, so this
/// is the part of speed that a build can hold; times are compared by <c>bench/compare</c>.
/// </summary>
internal static class AllocationBudgets
{
    private const int RunsPerBatch = 1_000;

    /// <summary>Batches until a subject counts as over its budget: the JIT removes some allocations only in its last pass.</summary>
    private const int MostBatches = 400;

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

    /// <summary>The least of the batches, in bytes for one run; stops at the first that is within the budget.</summary>
    private static long Measure(Subject subject, long budget)
    {
        var least = long.MaxValue;
        for (var batch = 0; batch < MostBatches && least > budget; batch++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var run = 0; run < RunsPerBatch; run++)
            {
                subject.Run();
            }

            least = Math.Min(least, (GC.GetAllocatedBytesForCurrentThread() - before) / RunsPerBatch);
        }

        return least;
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

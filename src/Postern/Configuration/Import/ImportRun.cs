using System.Collections.Concurrent;
using Postern.Configuration.Folder;
using Postern.Configuration.Service;

namespace Postern.Configuration.Import;

/// <summary>
/// Carries out a plan. A failure stops what needs the failed resource and nothing else, so that one run names everything that is wrong;
/// running again goes on from there.
/// </summary>
internal sealed class ImportRun(StepWriter writer, ImportPlan plan, int parallel)
{
    private readonly ConcurrentBag<ImportStep> _done = [];
    private readonly ConcurrentBag<FailedStep> _failed = [];
    private readonly ConcurrentBag<ImportStep> _skipped = [];
    private readonly ConcurrentDictionary<string, bool> _broken = new(ResourcePath.Comparer);

    public async Task<ImportOutcome> RunAsync(CancellationToken cancellation)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellation };
        foreach (var group in StepOrder.Groups(plan.Steps))
        {
            await Parallel.ForEachAsync(group, options, async (step, stop) => await DoAsync(step, stop));
        }

        return new(Sorted(_done), [.. _failed.OrderBy(failed => failed.Step.Resource.Path, StringComparer.Ordinal)], Sorted(_skipped), [.. writer.Notes.Distinct()]);
    }

    private async Task DoAsync(ImportStep step, CancellationToken cancellation)
    {
        var path = step.Resource.Path;
        if (step.Action != StepAction.Delete && Needed(path).Any(_broken.ContainsKey))
        {
            _broken[path] = true;
            _skipped.Add(step);
            return;
        }

        string? error;
        try
        {
            error = await writer.WriteAsync(step, cancellation);
        }
        catch (Exception failure) when (failure is ServiceException or HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            error = failure.Message;
        }

        if (error is null)
        {
            _done.Add(step);
        }
        else
        {
            _broken[path] = true;
            _failed.Add(new(step, error));
        }
    }

    /// <summary>What lies above, and for a revision the API.</summary>
    private static IEnumerable<string> Needed(string path)
    {
        for (var parent = ResourcePath.ParentOf(path); parent.Length > 0; parent = ResourcePath.ParentOf(parent))
        {
            yield return parent;
        }

        if (ResourcePath.ApiOf(path) is { } api && ResourcePath.Split(api) is (var root, not null))
        {
            yield return $"apis/{root}";
        }
    }

    private static List<ImportStep> Sorted(IEnumerable<ImportStep> steps) => [.. steps.OrderBy(step => step.Resource.Path, StringComparer.Ordinal)];
}

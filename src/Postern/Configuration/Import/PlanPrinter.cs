using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Postern.Configuration.Folder;

namespace Postern.Configuration.Import;

/// <summary>A plan, and what became of it, as people read it. Secrets are never shown.</summary>
internal sealed class PlanPrinter(TextWriter output)
{
    private const int MostLines = 60;
    private const int LongestValue = 160;

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public void Print(ImportPlan plan)
    {
        foreach (var step in plan.Steps.OrderBy(step => step.Resource.Path, StringComparer.Ordinal).ThenBy(step => step.Action))
        {
            Print(step);
        }
    }

    public void Notes(IEnumerable<FolderProblem> notes)
    {
        foreach (var note in notes.Distinct())
        {
            output.WriteLine($"note: {note}");
        }
    }

    public static string Summary(ImportPlan plan)
    {
        var (create, change, delete) = (Count(StepAction.Create), Count(StepAction.Change) + Count(StepAction.MakeCurrent), Count(StepAction.Delete));
        var kept = plan.Kept.Count > 0 ? $", {plan.Kept.Count} in the service only (kept; --delete removes them)" : "";
        return $"{create} to create, {change} to change, {delete} to delete, {plan.Unchanged} unchanged{kept}.";

        int Count(StepAction action) => plan.Steps.Count(step => step.Action == action);
    }

    public void Print(ImportOutcome outcome, int unchanged)
    {
        foreach (var failed in outcome.Failed)
        {
            output.WriteLine($"✗ {failed.Step.Resource.Path}{Source(failed.Step)}");
            output.WriteLine($"    {failed.Error.ReplaceLineEndings("\n    ")}");
        }

        foreach (var skipped in outcome.Skipped)
        {
            output.WriteLine($"· {skipped.Resource.Path}: not tried, because what it needs failed");
        }

        var (created, deleted) = (outcome.Done.Count(step => step.Action == StepAction.Create), outcome.Done.Count(step => step.Action == StepAction.Delete));
        output.WriteLine($"{created} created, {outcome.Done.Count - created - deleted} changed, {deleted} deleted, {unchanged} unchanged"
            + (outcome.Failed.Count + outcome.Skipped.Count == 0 ? "." : $"; {outcome.Failed.Count} failed, {outcome.Skipped.Count} not tried."));
    }

    private void Print(ImportStep step)
    {
        var mark = step.Action switch { StepAction.Create => "+", StepAction.Delete => "-", _ => "~" };
        var reason = step.Action == StepAction.MakeCurrent ? $": revision {step.Reason} becomes current" : step.Reason is null ? "" : $": {step.Reason}";
        output.WriteLine($"{mark} {step.Resource.Path}{reason}{Source(step)}");
        if (step is { Action: StepAction.Create, Resource.Definition.Api.Operations.Count: > 0 and var operations })
        {
            output.WriteLine($"    {operations} operations from {step.Resource.Definition.File}");
        }

        foreach (var difference in step.Differences)
        {
            Print(step.Resource, difference);
        }
    }

    private void Print(ConfigurationResource resource, MemberDifference difference)
    {
        if (resource.Kind.HasPolicyText && difference.Path == "value")
        {
            var lines = TextDifference.Of(difference.Before?.ToString() ?? "", difference.After?.ToString() ?? "");
            foreach (var line in lines.Take(MostLines))
            {
                output.WriteLine($"    {line}");
            }

            if (lines.Count > MostLines)
            {
                output.WriteLine($"    … {lines.Count - MostLines} more lines");
            }
        }
        else if (resource.Kind.Restored.Contains(difference.Path) && difference.Path.EndsWith("Key", StringComparison.Ordinal)
            || SecretMembers.IsSecret(resource.Kind, difference.Path, resource.Properties))
        {
            output.WriteLine($"    {difference.Path}: (a secret that differs)");
        }
        else
        {
            output.WriteLine($"    {difference.Path}: {Value(difference.Before)} → {Value(difference.After)}");
        }
    }

    private static string Source(ImportStep step) => step.Resource.File is { } file && step.Action != StepAction.Delete ? $"  ({file})" : "";

    private static string Value(JsonNode? node)
    {
        var text = node?.ToJsonString(Relaxed) ?? "(none)";
        return text.Length > LongestValue ? $"{text[..LongestValue]}…" : text;
    }
}

using Postern.Configuration.Folder;

namespace Postern.Configuration.Import;

internal enum StepAction
{
    Create,
    Change,
    Delete,

    /// <summary>Another revision of an API becomes the current one.</summary>
    MakeCurrent,
}

/// <summary>One thing to do.</summary>
/// <param name="Resource">As it should be; for a deletion, as it is.</param>
/// <param name="Differences">Of a change.</param>
/// <param name="Reason">Why, where the folder does not show it.</param>
internal sealed record ImportStep(StepAction Action, ConfigurationResource Resource, IReadOnlyList<MemberDifference> Differences, string? Reason = null);

/// <summary>What an import will do, in no particular order.</summary>
/// <param name="Unchanged">Resources that are as the folder says.</param>
/// <param name="Kept">Resources that the folder does not have, and that stay because nobody asked for their deletion.</param>
/// <param name="Problems">Reasons to do nothing at all.</param>
internal sealed record ImportPlan(
    IReadOnlyList<ImportStep> Steps, int Unchanged, IReadOnlyList<string> Kept, IReadOnlyList<FolderProblem> Problems, IReadOnlyList<FolderProblem> Notes);

using Postern.Configuration.Folder;

namespace Postern.Configuration.Import;

/// <param name="Error">What the service said.</param>
internal sealed record FailedStep(ImportStep Step, string Error);

/// <summary>What an import did.</summary>
/// <param name="Skipped">Not tried, because what they need had failed.</param>
internal sealed record ImportOutcome(
    IReadOnlyList<ImportStep> Done, IReadOnlyList<FailedStep> Failed, IReadOnlyList<ImportStep> Skipped, IReadOnlyList<FolderProblem> Notes);

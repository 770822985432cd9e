namespace Postern.Configuration.Folder;

/// <summary>What a folder says, as far as it can be read.</summary>
/// <param name="Resources">Each path once.</param>
/// <param name="Problems">Reasons to import nothing.</param>
/// <param name="Notes">Files that mean nothing here.</param>
internal sealed record FolderContent(IReadOnlyList<ConfigurationResource> Resources, IReadOnlyList<FolderProblem> Problems, IReadOnlyList<FolderProblem> Notes);

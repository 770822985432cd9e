namespace Postern.Configuration.Folder;

/// <summary>What is wrong with a file of the folder.</summary>
/// <param name="File">Relative to the folder, with slashes.</param>
/// <param name="Line">From 1; null when the whole file is meant.</param>
internal sealed record FolderProblem(string File, int? Line, string Message)
{
    public override string ToString() => Line is null ? $"{File}: {Message}" : $"{File}:{Line}: {Message}";
}

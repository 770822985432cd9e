namespace Postern.Policies.Reading;

/// <param name="Line">From 1, in the text as it was given.</param>
/// <param name="Column">From 1.</param>
/// <param name="Path">As <see cref="PolicyDiagnostic.Path"/>.</param>
internal readonly record struct PolicyPlace(int Line, int Column, string Path);

namespace Postern.Configuration.Export;

/// <param name="WithSecrets">Also write what must be kept secret, to a file of its own; and the built-in subscription and user.</param>
/// <param name="Json">Definitions as JSON instead of YAML.</param>
/// <param name="Parallel">Calls at a time.</param>
internal sealed record ExportOptions(string Folder, bool WithSecrets, bool Json, int Parallel);

namespace Postern.Configuration.Import;

/// <param name="Overrides">Overriding configuration files, later ones over earlier ones.</param>
/// <param name="Delete">Remove what the folder does not have.</param>
/// <param name="Restore">Also write back what a service sets by itself: dates, gateway keys.</param>
/// <param name="Parallel">Calls at a time.</param>
internal sealed record ImportOptions(string Folder, IReadOnlyList<string> Overrides, bool Delete, bool Restore, int Parallel);

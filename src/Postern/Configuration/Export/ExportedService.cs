using System.Text.Json.Nodes;

namespace Postern.Configuration.Export;

/// <param name="Definitions">File name and text of an API's definition, by the API's path.</param>
/// <param name="Secrets">In the form of an overriding configuration file; null when they were not asked for.</param>
internal sealed record ExportedService(
    IReadOnlyList<ConfigurationResource> Resources, IReadOnlyDictionary<string, (string File, string Text)> Definitions, SecretsOfService? Secrets);

/// <param name="Sections">See <see cref="Folder.Overrides"/>.</param>
/// <param name="Missing">Paths of resources whose secrets the service does not give.</param>
internal sealed record SecretsOfService(JsonObject Sections, IReadOnlyList<string> Missing);

using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Import;

/// <summary>What a definition says about an API, in the shape of the contract.</summary>
/// <param name="Operations">Properties of each operation by its resource name.</param>
/// <param name="Schemas">Properties of each API schema by its resource name.</param>
internal sealed record ImportedApi(
    string? DisplayName,
    string? Description,
    string? ServiceUrl,
    IReadOnlyList<KeyValuePair<string, JsonObject>> Operations,
    IReadOnlyList<KeyValuePair<string, JsonObject>> Schemas)
{
    /// <summary>Protocols that the document names for the API itself; null when it names none.</summary>
    public IReadOnlyList<string>? Protocols { get; init; }
}

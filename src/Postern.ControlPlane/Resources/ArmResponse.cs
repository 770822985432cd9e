using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources;

/// <summary>The answer to a management call, not yet written.</summary>
/// <param name="ETag">Unquoted; null for none.</param>
internal sealed record ArmResponse(int Status, JsonNode? Body = null, string? ETag = null)
{
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Sent in place of a JSON body: a document with its content type.</summary>
    public (string ContentType, string Text)? Document { get; init; }

    public static ArmResponse Ok(JsonNode body, string? etag = null) => new(200, body, etag);

    public static ArmResponse NoContent { get; } = new(204);

    public static implicit operator ArmResponse(ArmError error) => new(error.Status, error.ToJson());
}

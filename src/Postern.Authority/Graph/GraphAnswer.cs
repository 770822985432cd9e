using System.Text.Json.Nodes;

namespace Postern.Authority.Graph;

/// <summary>What a Graph request is answered with: an object, nothing, or an error.</summary>
internal readonly record struct GraphAnswer(int Status, JsonObject? Body, GraphError? Error)
{
    public static GraphAnswer NoContent { get; } = new(204, null, null);

    public static GraphAnswer Created(JsonObject body) => new(201, body, null);

    public static implicit operator GraphAnswer(JsonObject body) => new(200, body, null);

    public static implicit operator GraphAnswer(GraphError error) => new(error.Status, null, error);
}

namespace Postern.Policies.Runtime;

/// <summary>What an API's definition says about one operation, as far as policies need it.</summary>
public sealed record OperationDescription(IReadOnlyList<ParameterDescription> Parameters, IReadOnlyList<ResponseDescription> Responses)
{
    /// <summary>Bodies that the operation takes.</summary>
    public IReadOnlyList<RepresentationDescription> Requests { get; init; } = [];
}

/// <param name="In"><c>path</c>, <c>query</c> or <c>header</c>.</param>
public sealed record ParameterDescription(string In, string Name, bool Required, ValueSchema Schema);

/// <param name="StatusCode">0 stands for all others (<c>default</c>).</param>
public sealed record ResponseDescription(
    int StatusCode, IReadOnlyList<ParameterDescription> Headers, IReadOnlyList<RepresentationDescription> Representations);

/// <param name="Example">Null when the definition has none.</param>
public sealed record RepresentationDescription(string ContentType, string? Example)
{
    /// <summary>Null when the definition has none.</summary>
    public SchemaReference? Schema { get; init; }
}

/// <summary>The part of a schema that a single value can be checked against.</summary>
/// <param name="Type"><c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c> or empty for any.</param>
public sealed record ValueSchema(
    string Type, string? Pattern = null, double? Minimum = null, double? Maximum = null, int? MinLength = null, int? MaxLength = null,
    IReadOnlyList<string>? Allowed = null, bool IsArray = false);

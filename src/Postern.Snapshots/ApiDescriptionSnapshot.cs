namespace Postern.Snapshots;

/// <summary>
/// What an API's definition says about its operations beyond their addresses. Published only for APIs whose policies ask for it
/// (mock-response, validate-…), so that a service of very many operations stays small.
/// </summary>
/// <param name="Owner"><c>apis/{id}[;rev=n]</c>: the key of the API.</param>
public sealed record ApiDescriptionSnapshot(string Owner, IReadOnlyList<OperationDescriptionSnapshot> Operations) : SnapshotEntity
{
    public override string Key => $"descriptions/{Owner}";
}

/// <param name="Id">Of the operation.</param>
/// <param name="Requests">Bodies that it takes.</param>
public sealed record OperationDescriptionSnapshot(
    string Id,
    IReadOnlyList<ParameterSnapshot> Parameters,
    IReadOnlyList<RepresentationSnapshot> Requests,
    IReadOnlyList<ResponseSnapshot> Responses);

/// <param name="In"><c>path</c>, <c>query</c> or <c>header</c>.</param>
/// <param name="Type">As JSON Schema has it; empty for any.</param>
/// <param name="Values">The only values that it may have; empty for any.</param>
public sealed record ParameterSnapshot(string In, string Name, string Type, bool Required, IReadOnlyList<string> Values)
{
    /// <summary>What the parameter's schema says beyond that; null for nothing.</summary>
    public ValueLimitsSnapshot? Limits { get; init; }
}

/// <summary>Limits of one value, as JSON Schema has them; null where there is none.</summary>
/// <param name="Minimum">The least number that is allowed; exclusive ones are already the next greater number.</param>
public sealed record ValueLimitsSnapshot(double? Minimum, double? Maximum, int? MinLength, int? MaxLength, string? Pattern);

/// <param name="Example">The first example's text; null when there is none.</param>
/// <param name="SchemaId">Schema of the API; null when there is none.</param>
/// <param name="TypeName">Name of the definition in the schema; null for all of it.</param>
public sealed record RepresentationSnapshot(string ContentType, string? Example, string? SchemaId, string? TypeName);

public sealed record ResponseSnapshot(int StatusCode, IReadOnlyList<ParameterSnapshot> Headers, IReadOnlyList<RepresentationSnapshot> Representations);

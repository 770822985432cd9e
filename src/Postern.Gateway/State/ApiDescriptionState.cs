using System.Collections.Concurrent;
using Postern.Policies.Runtime;
using Postern.Snapshots;

namespace Postern.Gateway.State;

/// <summary>The operations of one API as policies want them; each is worked out when it is first asked for.</summary>
internal sealed class ApiDescriptionState
{
    private readonly ConcurrentDictionary<string, OperationDescription?> _operations = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="schemas">The API's schemas by id.</param>
    public OperationDescription? Of(ApiDescriptionSnapshot description, string operationId, Func<string, SchemaSnapshot?> schemas) =>
        _operations.TryGetValue(operationId, out var known) ? known
        : _operations.GetOrAdd(
            operationId,
            description.Operations.FirstOrDefault(one => one.Id.Equals(operationId, StringComparison.OrdinalIgnoreCase)) is { } found ? Read(found, schemas) : null);

    private static OperationDescription Read(OperationDescriptionSnapshot operation, Func<string, SchemaSnapshot?> schemas) => new(
        [.. operation.Parameters.Select(Parameter)],
        [.. operation.Responses.Select(response => new ResponseDescription(
            response.StatusCode, [.. response.Headers.Select(Parameter)], [.. response.Representations.Select(one => Representation(one, schemas))]))])
    {
        Requests = [.. operation.Requests.Select(one => Representation(one, schemas))],
    };

    private static ParameterDescription Parameter(ParameterSnapshot parameter) => new(
        parameter.In, parameter.Name, parameter.Required,
        new(
            parameter.Type is "string" or "integer" or "number" or "boolean" ? parameter.Type : "",
            parameter.Limits?.Pattern, parameter.Limits?.Minimum, parameter.Limits?.Maximum, parameter.Limits?.MinLength, parameter.Limits?.MaxLength,
            Allowed: parameter.Values.Count > 0 ? parameter.Values : null,
            IsArray: parameter.Type == "array"));

    private static RepresentationDescription Representation(RepresentationSnapshot representation, Func<string, SchemaSnapshot?> schemas) =>
        new(representation.ContentType, representation.Example)
        {
            Schema = representation.SchemaId is { } id ? new(id, Pointer(schemas(id)?.ContentType ?? "", representation.TypeName)) : null,
        };

    /// <summary>Where the definition is in the schema's document; XSD has no pointers, its root elements are found by name.</summary>
    private static string? Pointer(string contentType, string? typeName) =>
        typeName is null || contentType.EndsWith("xml", StringComparison.OrdinalIgnoreCase) ? null
        : contentType.Contains("openapi", StringComparison.OrdinalIgnoreCase) ? $"#/components/schemas/{Escaped(typeName)}"
        : $"#/definitions/{Escaped(typeName)}";

    private static string Escaped(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}

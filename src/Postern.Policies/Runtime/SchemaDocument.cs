namespace Postern.Policies.Runtime;

/// <summary>A schema entity: JSON Schema, the definitions of an OpenAPI document, or XSD. The host gives the same object for as long as it is unchanged.</summary>
public sealed class SchemaDocument(string text)
{
    /// <summary>Bytes of the largest schema that is used.</summary>
    public const int Largest = 4 * 1024 * 1024;

    public string Text => text;

    /// <summary>What was worked out of the text; made at first use.</summary>
    internal object? Parsed { get; set; }
}

/// <param name="SchemaId">Name of the schema entity.</param>
/// <param name="Pointer">Local JSON pointer such as <c>#/definitions/order</c>; null for the document itself.</param>
public sealed record SchemaReference(string SchemaId, string? Pointer)
{
    /// <summary>What messages call it.</summary>
    public string DefinitionName => Pointer is null ? SchemaId : Pointer[(Pointer.LastIndexOf('/') + 1)..];
}

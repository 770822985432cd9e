using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Newtonsoft.Json.Serialization;
using NJsonSchema;
using NJsonSchema.Infrastructure;
using NJsonSchema.References;
using NJsonSchema.Validation;

namespace Postern.Policies.Tests;

internal enum SchemaVerdict
{
    Fits,
    Refused,

    /// <summary>The schema can't be read, or the validator gives up.</summary>
    Exception,
}

/// <summary>What NJsonSchema says of a value: the validator that decision 40 declined, as a second opinion.</summary>
internal static class NJsonSchemaVerdicts
{
    private static readonly IContractResolver Plain = JsonSchema.CreateJsonSerializerContractResolver(SchemaType.JsonSchema);
    private static readonly IContractResolver OpenApi = JsonSchema.CreateJsonSerializerContractResolver(SchemaType.OpenApi3);

    /// <summary>In the mode for OpenAPI 3 when the schema has its keyword.</summary>
    public static Task<SchemaVerdict> OfAsync(string schema, string value) =>
        OfAsync(schema, value, schema.Contains("\"nullable\"", StringComparison.Ordinal) ? SchemaType.OpenApi3 : SchemaType.JsonSchema);

    public static async Task<SchemaVerdict> OfAsync(string schema, string value, SchemaType dialect)
    {
        try
        {
            return (await FaultsAsync(schema, value, dialect)).Count == 0 ? SchemaVerdict.Fits : SchemaVerdict.Refused;
        }
        catch (Exception problem) when (problem is not OutOfMemoryException)
        {
            return SchemaVerdict.Exception;
        }
    }

    public static async Task<ICollection<ValidationError>> FaultsAsync(string schema, string value, SchemaType dialect = SchemaType.JsonSchema)
    {
        var read = await JsonSchemaSerialization.FromJsonAsync<JsonSchema>(
            schema, dialect, null, root => new NoFetching(root), dialect == SchemaType.OpenApi3 ? OpenApi : Plain, CancellationToken.None);
        using var reader = new JsonTextReader(new StringReader(value)) { DateParseHandling = DateParseHandling.None };
        return read.Validate(JToken.ReadFrom(reader), dialect);
    }

    private sealed class NoFetching(JsonSchema root) : JsonReferenceResolver(new JsonSchemaAppender(root, new DefaultTypeNameGenerator()))
    {
        public override Task<IJsonReference> ResolveFileReferenceAsync(string filePath, CancellationToken cancellationToken = default) => throw new InvalidOperationException(filePath);

        public override Task<IJsonReference> ResolveUrlReferenceAsync(string url, CancellationToken cancellationToken = default) => throw new InvalidOperationException(url);
    }
}

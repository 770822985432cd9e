using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Postern.ControlPlane.Import;

/// <summary>
/// Schemas that stand inside operations. The contract of an operation can only refer to a schema by name, so each gets one and goes to the
/// others of the document; the same schema under the same name is kept once.
/// </summary>
/// <param name="named">The document's own; grows by the others.</param>
/// <param name="version">How the document is written, and so how its schemas are.</param>
internal sealed class InlineSchemas(JsonObject named, OpenApiSpecVersion version)
{
    public JsonObject Named => named;

    /// <returns>Name that the schema has.</returns>
    public string NameOf(IOpenApiSchema schema, string proposed)
    {
        if (schema is OpenApiSchemaReference { Reference.Id: { } id })
        {
            return id;
        }

        var written = Write(schema);
        for (var i = 0; ; i++)
        {
            var name = i == 0 ? proposed : string.Create(CultureInfo.InvariantCulture, $"{proposed}-{i}");
            if (!named.TryGetPropertyValue(name, out var known))
            {
                named[name] = written;
                return name;
            }

            if (JsonNode.DeepEquals(known, written))
            {
                return name;
            }
        }
    }

    /// <summary>Such as <c>Pets-id-GetRequest</c>, with nothing that a name of a schema can't have.</summary>
    public static string Propose(string path, string method, string what)
    {
        var name = new StringBuilder();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            name.Append(part.StartsWith('{') ? $"-{part.Trim('{', '}')}-" : $"{char.ToUpperInvariant(part[0])}{part[1..]}");
        }

        name.Append(char.ToUpperInvariant(method[0])).Append(method[1..].ToLowerInvariant()).Append(what);
        for (var i = 0; i < name.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(name[i]) && name[i] is not ('-' or '_' or '.'))
            {
                name[i] = '-';
            }
        }

        return name.ToString();
    }

    private JsonNode? Write(IOpenApiSchema schema)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        var writer = new OpenApiJsonWriter(text, new OpenApiJsonWriterSettings { Terse = true });
        switch (version)
        {
            case OpenApiSpecVersion.OpenApi2_0:
                schema.SerializeAsV2(writer);
                break;
            case OpenApiSpecVersion.OpenApi3_0:
                schema.SerializeAsV3(writer);
                break;
            default:
                schema.SerializeAsV31(writer);
                break;
        }

        return JsonNode.Parse(text.ToString());
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;

namespace Postern.ControlPlane.Resources.Schemas;

/// <summary>Schemas that policies of the whole service refer to.</summary>
internal sealed class GlobalSchemaKind() : ResourceKind("Microsoft.ApiManagement/service/schemas")
{
    private static readonly Member[] Declared =
    [
        Member.OneOf("schemaType", "xml", "json").Required().Immutable(),
        Member.Text("description"),
        Member.Any("value"),
        Member.Any("document"),
        Member.Text("provisioningState").ReadOnly(),
    ];

    public override bool IsLongRunning => true;

    public override Verbs Verbs => Verbs.Get | Verbs.List | Verbs.Put | Verbs.Delete;

    public override IReadOnlyList<Member> Members => Declared;

    public override ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        var properties = change.Properties;
        if (properties.Text("schemaType") == "xml")
        {
            if (properties.Text("value") is not { } xml)
            {
                change.Problem("value", "'value' must hold the XML schema as a string.");
            }
            else if (Malformed(xml) is { } problem)
            {
                change.Problem("value", $"'value' is not well-formed XML: {problem}");
            }
        }
        else if ((properties["document"] ?? properties["value"]) is null)
        {
            change.Problem("document", "'document' or 'value' must hold the JSON schema.");
        }
        else if (properties.Text("value") is { } json && !IsJson(json))
        {
            change.Problem("value", "'value' is not well-formed JSON.");
        }

        return default;
    }

    private static string? Malformed(string xml)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(xml), new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            while (reader.Read())
            {
            }

            return null;
        }
        catch (XmlException error)
        {
            return error.Message;
        }
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

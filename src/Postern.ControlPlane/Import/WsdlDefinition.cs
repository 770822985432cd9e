using System.Text.Json.Nodes;
using System.Xml;
using System.Xml.Linq;

namespace Postern.ControlPlane.Import;

/// <summary>
/// WSDL 1.1 for pass-through: one POST operation per SOAP operation of the chosen endpoint, told apart by its SOAP action. The document is
/// kept as the API's schema.
/// </summary>
internal static class WsdlDefinition
{
    private const string SchemaContentType = "application/vnd.ms-azure-apim.xsd+xml";

    private static readonly XNamespace Wsdl = "http://schemas.xmlsoap.org/wsdl/";

    private static readonly XNamespace[] Soap = ["http://schemas.xmlsoap.org/wsdl/soap/", "http://schemas.xmlsoap.org/wsdl/soap12/"];

    /// <param name="service">Name of the service to take; null for the first.</param>
    /// <param name="endpoint">Name of its port to take; null for the first.</param>
    public static (ImportedApi? Api, string? Problem) Read(string text, string? service, string? endpoint)
    {
        XElement root;
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            root = XDocument.Load(reader).Root!;
        }
        catch (XmlException error)
        {
            return (null, $"The document is not well-formed XML: {error.Message}");
        }

        if (root.Name != Wsdl + "definitions")
        {
            return (null, $"The document is no WSDL 1.1 document: its root is '{root.Name.LocalName}'.");
        }

        var chosen = root.Elements(Wsdl + "service").FirstOrDefault(element => service is null || Name(element) == service);
        var port = chosen?.Elements(Wsdl + "port").FirstOrDefault(element => endpoint is null ? Address(element) is not null : Name(element) == endpoint);
        if (chosen is null || port is null)
        {
            return (null, $"The document has no service '{service ?? "(any)"}' with a SOAP endpoint '{endpoint ?? "(any)"}'.");
        }

        var binding = root.Elements(Wsdl + "binding").FirstOrDefault(element => Name(element) == Local((string?)port.Attribute("binding")));
        var names = new OperationNames();
        var operations = (binding?.Elements(Wsdl + "operation") ?? []).Select(operation => Operation(operation, names)).ToList();
        return (new(
            Name(chosen), (string?)root.Element(Wsdl + "documentation"), Host(Address(port)), operations, Schemas(root)), null);
    }

    private static KeyValuePair<string, JsonObject> Operation(XElement operation, OperationNames names)
    {
        var name = Name(operation);
        var action = Soap.Select(space => (string?)operation.Element(space + "operation")?.Attribute("soapAction")).FirstOrDefault(text => text is not null) ?? "";
        return new(names.Next(name, "POST", name), new()
        {
            ["displayName"] = name,
            ["method"] = "POST",
            ["urlTemplate"] = $"/?soapAction={action}",
            ["templateParameters"] = new JsonArray(),
            ["request"] = new JsonObject { ["queryParameters"] = new JsonArray(), ["headers"] = new JsonArray(), ["representations"] = new JsonArray(Representation()) },
            ["responses"] = new JsonArray(new JsonObject { ["statusCode"] = 200, ["representations"] = new JsonArray(Representation()), ["headers"] = new JsonArray() }),
        });
    }

    private static JsonObject Representation() => new() { ["contentType"] = "text/xml" };

    private static IReadOnlyList<KeyValuePair<string, JsonObject>> Schemas(XElement root) =>
        root.Elements(Wsdl + "types").Elements().FirstOrDefault() is { } schema
            ? [new("wsdl", new() { ["contentType"] = SchemaContentType, ["document"] = new JsonObject { ["value"] = schema.ToString(SaveOptions.DisableFormatting) } })]
            : [];

    private static string Name(XElement element) => (string?)element.Attribute("name") ?? "";

    private static string Local(string? qualified) => qualified is null ? "" : qualified[(qualified.IndexOf(':', StringComparison.Ordinal) + 1)..];

    private static string? Address(XElement port) =>
        Soap.Select(space => (string?)port.Element(space + "address")?.Attribute("location")).FirstOrDefault(text => text is not null);

    /// <summary>The endpoint as it stands: the path of the service is part of where the backend listens.</summary>
    private static string? Host(string? address) => Uri.TryCreate(address, UriKind.Absolute, out _) ? address : null;
}

using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Postern.Policies.Expressions;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("json-to-xml", In.Everywhere, Summary = "Converts the body from JSON to XML.")]
internal sealed record JsonToXmlPolicy : Policy
{
    [XmlAttribute("apply", Summary = "Always, or only when the Content-Type says JSON.")]
    public required Value<JsonApply> Apply { get; init; }

    [XmlAttribute("consider-accept-header", Summary = "Convert only when the request's Accept asks for XML.")]
    public Value<bool> ConsiderAccept { get; init; } = true;

    [XmlAttribute("parse-date", Summary = "Read dates as dates.")]
    public bool ParseDate { get; init; } = true;

    [XmlAttribute("namespace-separator", Summary = "Stands between prefix and local name in property names.")]
    public Value<string> Separator { get; init; } = "_";

    [XmlAttribute("namespace-prefix", Summary = "Properties that begin so declare namespaces.")]
    public Value<string>? NamespacePrefix { get; init; }

    [XmlAttribute("attribute-block-name", Summary = "Properties of the object of that name become attributes.")]
    public Value<string>? AttributeBlock { get; init; }

    public override PolicyStep Compile(PolicyCompile compile) => async context =>
    {
        var message = compile.Message(context);
        if ((Apply.Get(context) == JsonApply.ContentTypeJson && !MessageText.IsJson(message))
            || (ConsiderAccept.Get(context) && !context.Request.Headers.Accept.ToString().Contains("xml", StringComparison.OrdinalIgnoreCase)))
        {
            return Flow.Continue;
        }

        var writer = new Writer(Separator.Get(context), NamespacePrefix?.Get(context), AttributeBlock?.Get(context));
        if (await BodyText.ReadAsync(message, context.Aborted) is not { } text)
        {
            return Flow.Continue;
        }

        try
        {
            using var reader = new JsonTextReader(new StringReader(text))
            {
                DateParseHandling = ParseDate ? DateParseHandling.DateTime : DateParseHandling.None,
                MaxDepth = 128,
            };
            var xml = writer.Write(JToken.ReadFrom(reader));
            message.Headers.ContentType = "application/xml";
            BodyText.Replace(message, xml.ToString(SaveOptions.DisableFormatting));
            return Flow.Continue;
        }
        catch (Exception problem) when (problem is JsonException or XmlException or ArgumentException)
        {
            return Flow.Fail(Error(500, "ConversionFailed", $"The message body can't be converted to XML. {problem.Message}") with { PublicMessage = null });
        }
    };

    private sealed class Writer(string separator, string? namespacePrefix, string? attributeBlock)
    {
        private static readonly XNamespace Instance = "http://www.w3.org/2001/XMLSchema-instance";

        public XElement Write(JToken token)
        {
            var document = new XElement("Document");
            if (token is JObject content)
            {
                if (content.Properties().ToList() is [{ Value: not JArray } only])
                {
                    Add(document, only.Name, only.Value);
                    return (XElement)document.FirstNode!;
                }

                Fill(document, content);
            }
            else if (token is JArray items)
            {
                Add(document, "Item", items);
            }
            else
            {
                document.Value = Text(token);
            }

            return document;
        }

        private void Fill(XElement element, JObject content)
        {
            // Declarations first: names of attributes and children may need them.
            foreach (var property in content.Properties().Where(IsDeclaration))
            {
                var prefix = property.Name[namespacePrefix!.Length..].TrimStart(':');
                element.Add(new XAttribute(prefix.Length == 0 ? "xmlns" : XNamespace.Xmlns + prefix, (string?)property.Value ?? ""));
            }

            foreach (var property in content.Properties().Where(property => !IsDeclaration(property)))
            {
                if (property.Name == attributeBlock && property.Value is JObject attributes)
                {
                    foreach (var attribute in attributes.Properties())
                    {
                        element.Add(new XAttribute(NameOf(element, attribute.Name), Text(attribute.Value)));
                    }
                }
                else
                {
                    Add(element, property.Name, property.Value);
                }
            }
        }

        private bool IsDeclaration(JProperty property) =>
            namespacePrefix is { Length: > 0 } && property.Name.StartsWith(namespacePrefix, StringComparison.Ordinal) && property.Value.Type == JTokenType.String;

        private void Add(XElement parent, string name, JToken value)
        {
            if (value is JArray items)
            {
                foreach (var item in items)
                {
                    Add(parent, name, item);
                }

                if (items.Count == 0)
                {
                    parent.Add(new XElement(NameOf(parent, name)));
                }

                return;
            }

            // The element's own declarations may give its own prefix a meaning, so its name comes after its content.
            var element = new XElement("x");
            parent.Add(element);
            switch (value)
            {
                case JObject content:
                    Fill(element, content);
                    break;
                case { Type: JTokenType.Null }:
                    element.Add(new XAttribute(XNamespace.Xmlns + "xsi", Instance.NamespaceName), new XAttribute(Instance + "nil", "true"));
                    break;
                default:
                    element.Value = Text(value);
                    break;
            }

            element.Name = NameOf(element, name);
        }

        private XName NameOf(XElement scope, string name)
        {
            var cut = separator.Length == 0 ? -1 : name.IndexOf(separator, StringComparison.Ordinal);
            return cut > 0 && scope.GetNamespaceOfPrefix(XmlConvert.EncodeLocalName(name[..cut])!) is { } space
                ? space + XmlConvert.EncodeLocalName(name[(cut + separator.Length)..])!
                : XmlConvert.EncodeLocalName(name)!;
        }

        private static string Text(JToken value) => value.Type switch
        {
            JTokenType.Boolean => (bool)value ? "True" : "False",
            JTokenType.Date => value.ToObject<object>() is DateTime time ? XmlConvert.ToString(time, XmlDateTimeSerializationMode.RoundtripKind) : value.ToString(),
            _ => ((JValue)value).ToString(CultureInfo.InvariantCulture),
        };
    }
}

internal enum JsonApply : byte
{
    Always,
    ContentTypeJson,
}

using System.Xml.Linq;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Postern.Policies.Expressions;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("xml-to-json", In.Everywhere, Summary = "Converts the body from XML to JSON.")]
internal sealed record XmlToJsonPolicy : Policy
{
    [XmlAttribute("kind", Summary = "direct mirrors the XML; javascript-friendly leaves out what only XML knows.")]
    public required Value<JsonKind> Kind { get; init; }

    [XmlAttribute("apply", Summary = "Always, or only when the Content-Type says XML.")]
    public required Value<XmlApply> Apply { get; init; }

    [XmlAttribute("consider-accept-header", Summary = "Convert only when the request's Accept asks for JSON.")]
    public Value<bool> ConsiderAccept { get; init; } = true;

    [XmlAttribute("always-array-child-elements", Summary = "Make every child element an array, not only repeated ones.")]
    public Value<bool> AlwaysArray { get; init; } = false;

    public override PolicyStep Compile(PolicyCompile compile) => async context =>
    {
        var message = compile.Message(context);
        if ((Apply.Get(context) == XmlApply.ContentTypeXml && !MessageText.IsXml(message))
            || (ConsiderAccept.Get(context) && !context.Request.Headers.Accept.ToString().Contains("json", StringComparison.OrdinalIgnoreCase)))
        {
            return Flow.Continue;
        }

        var writer = new Writer(Kind.Get(context) == JsonKind.Direct, AlwaysArray.Get(context));
        if (await BodyText.ReadAsync(message, context.Aborted) is null)
        {
            return Flow.Continue;
        }

        XDocument document;
        try
        {
            document = MessageText.ParseXml(message, message.Body.Bytes.Span);
        }
        catch (InvalidOperationException problem)
        {
            return Flow.Fail(Error(500, "ConversionFailed", problem.Message) with { PublicMessage = null });
        }

        message.Headers.ContentType = "application/json";
        BodyText.Replace(message, writer.Write(document).ToString(Formatting.None));
        return Flow.Continue;
    };

    private sealed class Writer(bool direct, bool alwaysArray)
    {
        public JObject Write(XDocument document)
        {
            var result = new JObject();
            if (direct && document.Declaration is { } declaration)
            {
                Put(result, "version", declaration.Version);
                Put(result, "encoding", declaration.Encoding);
                Put(result, "standalone", declaration.Standalone);
            }

            result[NameOf(document.Root!)] = ValueOf(document.Root!);
            return result;
        }

        private static void Put(JObject target, string name, string? value)
        {
            if (value is not null)
            {
                target[name] = value;
            }
        }

        private JToken ValueOf(XElement element)
        {
            System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
            var texts = element.Nodes().OfType<XText>().Where(text => text is XCData || !string.IsNullOrWhiteSpace(text.Value)).ToList();
            var attributes = element.Attributes().Where(attribute => direct || !attribute.IsNamespaceDeclaration).ToList();
            if (attributes.Count == 0 && !element.HasElements && texts.All(text => text is not XCData || !direct))
            {
                return texts.Count == 0 ? (element.Value.Length == 0 ? JValue.CreateNull() : element.Value) : element.Value;
            }

            var result = new JObject();
            foreach (var attribute in attributes)
            {
                result[direct ? $"@{NameOf(attribute)}" : attribute.Name.LocalName] = attribute.Value;
            }

            AddAll(result, direct ? "#text" : "text", [.. texts.Where(text => text is not XCData || !direct).Select(text => text.Value)]);
            AddAll(result, "#cdata-section", direct ? [.. texts.OfType<XCData>().Select(text => text.Value)] : []);
            foreach (var group in element.Elements().GroupBy(NameOf))
            {
                var values = group.Select(ValueOf).ToArray();
                result[group.Key] = values.Length > 1 || alwaysArray ? new JArray(values) : values[0];
            }

            return result;
        }

        private static void AddAll(JObject target, string name, string[] texts)
        {
            if (texts.Length > 0)
            {
                target[name] = texts.Length == 1 ? texts[0] : new JArray(texts);
            }
        }

        private string NameOf(XElement element)
        {
            var prefix = direct ? element.GetPrefixOfNamespace(element.Name.Namespace) : null;
            return string.IsNullOrEmpty(prefix) ? element.Name.LocalName : $"{prefix}${element.Name.LocalName}";
        }

        private static string NameOf(XAttribute attribute)
        {
            if (attribute.IsNamespaceDeclaration)
            {
                return attribute.Name.LocalName == "xmlns" ? "xmlns" : $"xmlns${attribute.Name.LocalName}";
            }

            var prefix = attribute.Name.Namespace == XNamespace.None ? null : attribute.Parent!.GetPrefixOfNamespace(attribute.Name.Namespace);
            return string.IsNullOrEmpty(prefix) ? attribute.Name.LocalName : $"{prefix}${attribute.Name.LocalName}";
        }
    }
}

internal enum JsonKind : byte
{
    [Written("javascript-friendly")]
    JavaScriptFriendly,
    Direct,
}

internal enum XmlApply : byte
{
    Always,
    ContentTypeXml,
}

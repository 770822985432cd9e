using System.Xml;
using System.Xml.Linq;
using System.Xml.Xsl;
using Postern.Policies.Expressions;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("xsl-transform", In.Inbound | In.Outbound | In.OnError, Once = Once.PerSection, Summary = "Applies an XSLT 1.0 stylesheet to the XML body.")]
internal sealed record XslTransformPolicy : Policy
{
    private XslCompiledTransform? _transform;

    [XmlChild("parameter", Summary = "A parameter of the stylesheet.")]
    public IReadOnlyList<Parameter> Parameters { get; init; } = [];

    [XmlChild("xsl:stylesheet", Alias = "xsl:transform", Markup = true, Summary = "The stylesheet.")]
    public required string Stylesheet { get; init; }

    /// <summary>The stylesheet is compiled here, so that its errors are told when it is saved. No script, no document(), nothing imported.</summary>
    public override void Validate(PolicyRules rules)
    {
        try
        {
            using var text = XmlReader.Create(new StringReader(Stylesheet), MessageText.SafeXml);
            var document = XDocument.Load(text, LoadOptions.PreserveWhitespace);
            XsltGuard.PutInto(document);
            using var reader = document.CreateReader();
            var transform = new XslCompiledTransform();
            transform.Load(reader, new XsltSettings(enableDocumentFunction: false, enableScript: false), null);
            _transform = transform;
        }
        catch (Exception problem) when (problem is XsltException or XmlException or ArgumentException)
        {
            rules.Broken($"The stylesheet is not valid: {problem.Message}");
        }
    }

    public override PolicyStep Compile(PolicyCompile compile) => async context =>
    {
        var message = compile.Message(context);
        if (await BodyText.ReadAsync(message, context.Aborted) is null)
        {
            return Flow.Continue;
        }

        var arguments = new XsltArgumentList();
        arguments.AddExtensionObject(XsltGuard.Namespace, new XsltGuard());
        foreach (var parameter in Parameters)
        {
            arguments.AddParam(parameter.Key, "", parameter.Content.Get(context));
        }

        try
        {
            using var input = MessageText.ParseXml(message, message.Body.Bytes.Span).CreateReader();
            using var output = new StringWriter(System.Globalization.CultureInfo.InvariantCulture);
            using (var writer = XmlWriter.Create(output, _transform!.OutputSettings))
            {
                _transform.Transform(input, arguments, writer, null);
            }

            // A text writer says utf-16; the body that is sent is not.
            BodyText.Replace(message, output.ToString().Replace("encoding=\"utf-16\"", "encoding=\"utf-8\"", StringComparison.Ordinal));
            SetBodyPolicy.UseUtf8(message.Headers);
            return Flow.Continue;
        }
        catch (Exception problem) when (problem is XsltException or XmlException or InvalidOperationException or TimeoutException
            or InsufficientExecutionStackException or System.Reflection.TargetInvocationException)
        {
            return Flow.Fail(Error(500, "TransformationFailed", problem.Message) with { PublicMessage = null });
        }
    };

    internal sealed record Parameter : PolicyPart
    {
        [XmlAttribute("name", Alias = "parameter-name")]
        public required string Key { get; init; }

        [XmlText]
        public Value<string> Content { get; init; } = "";
    }
}

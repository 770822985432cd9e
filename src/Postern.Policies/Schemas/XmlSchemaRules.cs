using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using Postern.Policies.Expressions;
using Postern.Policies.Runtime;

namespace Postern.Policies.Schemas;

/// <summary>Checks XML against XSD. Schemas may include others as <c>/schemas/ID</c>; nothing is ever fetched.</summary>
internal static class XmlSchemaRules
{
    /// <param name="find">Other schema entities by id.</param>
    /// <exception cref="XmlSchemaException">The schema itself is not valid.</exception>
    public static XmlSchemaSet Compile(string text, Func<string, SchemaDocument?> find)
    {
        var set = new XmlSchemaSet { XmlResolver = null };
        Add(set, text, find, new HashSet<string>(StringComparer.Ordinal));
        set.Compile();
        return set;
    }

    /// <exception cref="XmlException">The document is not well-formed.</exception>
    public static SchemaFault? Check(string document, bool isSoap, XmlSchemaSet schemas)
    {
        MessageText.CheckDepth(document);
        using var plain = XmlReader.Create(new StringReader(document), MessageText.SafeXml);
        var root = XDocument.Load(plain, LoadOptions.SetLineInfo).Root!;
        if (isSoap)
        {
            var body = root.Name.LocalName == "Envelope" ? root.Elements().FirstOrDefault(element => element.Name.LocalName == "Body" && element.Name.Namespace == root.Name.Namespace) : null;
            if (body?.Elements().FirstOrDefault() is not { } content)
            {
                return new("The message is not a SOAP envelope with a body.", 1, 1);
            }

            root = content;
        }

        if (!schemas.GlobalElements.Contains(new XmlQualifiedName(root.Name.LocalName, root.Name.NamespaceName)))
        {
            return Fault($"The element '{root.Name.LocalName}' is not in the schema.", root);
        }

        SchemaFault? fault = null;
        new XDocument(root).Validate(schemas, (sender, problem) =>
            fault ??= problem.Severity == XmlSeverityType.Error ? Fault(problem.Message, (sender as XObject) ?? root, root) : null);
        return fault;
    }

    private static SchemaFault Fault(string message, XObject at, XObject? otherwise = null) =>
        at is IXmlLineInfo line && line.HasLineInfo() ? new(message, line.LineNumber, line.LinePosition)
        : otherwise is IXmlLineInfo outer && outer.HasLineInfo() ? new(message, outer.LineNumber, outer.LinePosition)
        : new(message, 0, 0);

    private static void Add(XmlSchemaSet set, string text, Func<string, SchemaDocument?> find, HashSet<string> seen)
    {
        using var reader = XmlReader.Create(new StringReader(text), MessageText.SafeXml);
        var schema = XmlSchema.Read(reader, static (_, problem) => throw problem.Exception)!;
        foreach (var external in schema.Includes.OfType<XmlSchemaExternal>().ToArray())
        {
            // Taken out, so that nobody tries to fetch them; what they name comes from the service's own schemas.
            schema.Includes.Remove(external);
            var id = external.SchemaLocation?.Replace("/schemas/", "", StringComparison.Ordinal);
            if (id is null || !seen.Add(id))
            {
                continue;
            }

            Add(set, find(id)?.Text ?? throw new XmlSchemaException($"The schema '{external.SchemaLocation}' does not exist."), find, seen);
        }

        set.Add(schema);
    }
}

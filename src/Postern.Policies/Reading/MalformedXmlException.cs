namespace Postern.Policies.Reading;

/// <summary>Leaves the recursive descent of <see cref="XmlScanner"/>, and never the scanner.</summary>
internal sealed class MalformedXmlException(int offset, string id, string element, string message) : Exception(message)
{
    public MalformedXmlException(int offset, string element, string message)
        : this(offset, PolicyDiagnostics.MalformedXml, element, message)
    {
    }

    public int Offset => offset;

    public string Id => id;

    /// <summary>Name of the element that the text at fault is part of; empty outside of all.</summary>
    public string Element => element;
}

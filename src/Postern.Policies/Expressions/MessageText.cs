using System.Text;
using System.Xml;
using System.Xml.Linq;
using Microsoft.Net.Http.Headers;
using Postern.Policies.Runtime;

namespace Postern.Policies.Expressions;

/// <summary>Bodies as text, by the charset of their Content-Type.</summary>
internal static class MessageText
{
    private const int MaxXmlDepth = 512;

    public static string Decode(PolicyMessage message, ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("\uFEFF"u8))
        {
            return Encoding.UTF8.GetString(bytes[3..]);
        }

        return EncodingOf(message).GetString(bytes);
    }

    /// <returns>Null when the message's charset can't hold the text.</returns>
    public static byte[]? TryEncode(PolicyMessage message, string text)
    {
        var encoding = EncodingOf(message);
        if (encoding.CodePage == Encoding.UTF8.CodePage)
        {
            return encoding.GetBytes(text);
        }

        try
        {
            return Encoding.GetEncoding(encoding.CodePage, EncoderFallback.ExceptionFallback, DecoderFallback.ReplacementFallback).GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }

    /// <exception cref="InvalidOperationException">The body is not well-formed XML, or has a document type.</exception>
    public static XDocument ParseXml(PolicyMessage message, ReadOnlySpan<byte> bytes)
    {
        try
        {
            var text = Decode(message, bytes);
            CheckDepth(text);
            using var reader = XmlReader.Create(new StringReader(text), SafeXml);
            return XDocument.Load(reader, LoadOptions.PreserveWhitespace);
        }
        catch (XmlException problem)
        {
            throw new InvalidOperationException($"The message body is not valid XML. {problem.Message}", problem);
        }
    }

    /// <summary>Whoever walks or copies a tree does so by recursion; a body made for that must not get as far.</summary>
    /// <exception cref="XmlException">Elements are nested deeper than <see cref="MaxXmlDepth"/>.</exception>
    public static void CheckDepth(string text)
    {
        // The shortest element takes seven characters.
        if (text.Length <= MaxXmlDepth * 7)
        {
            return;
        }

        using var reader = XmlReader.Create(new StringReader(text), SafeXml);
        while (reader.Read())
        {
            if (reader.Depth > MaxXmlDepth)
            {
                throw new XmlException($"Elements are nested more than {MaxXmlDepth} levels deep.");
            }
        }
    }

    /// <summary>No document types, nothing resolved, no more than the body could hold anyway.</summary>
    public static XmlReaderSettings SafeXml { get; } = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersFromEntities = 0,
    };

    public static bool HasMediaType(PolicyMessage message, string exact, string suffix) => HasMediaType(message.Headers.ContentType.ToString(), exact, suffix);

    public static bool HasMediaType(string contentType, string exact, string suffix)
    {
        var media = MediaType(contentType);
        return media.Equals($"application/{exact}", StringComparison.OrdinalIgnoreCase)
            || media.Equals($"text/{exact}", StringComparison.OrdinalIgnoreCase)
            || media.EndsWith(suffix, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whatever their parameters.</summary>
    public static bool HasSameMediaType(string one, string other) => MediaType(one).Equals(MediaType(other), StringComparison.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> MediaType(string contentType)
    {
        var end = contentType.IndexOf(';', StringComparison.Ordinal);
        return contentType.AsSpan(0, end < 0 ? contentType.Length : end).Trim();
    }

    public static bool IsJson(PolicyMessage message) => HasMediaType(message, "json", "+json");

    public static bool IsXml(PolicyMessage message) => HasMediaType(message, "xml", "+xml");

    private static Encoding EncodingOf(PolicyMessage message)
    {
        var type = message.Headers.ContentType.ToString();
        if (!type.Contains("charset", StringComparison.OrdinalIgnoreCase)
            || !MediaTypeHeaderValue.TryParse(type, out var media)
            || !media.Charset.HasValue)
        {
            return Encoding.UTF8;
        }

        try
        {
            return media.Charset.Value!.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase)
                ? Encoding.UTF8
                : Encoding.GetEncoding(media.Charset.Value!.Trim('"'));
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8;
        }
    }
}

using System.IO.Compression;
using Postern.Policies.Runtime;

namespace Postern.Policies.Language;

/// <summary>Bodies that came compressed. Policies read them plain; one that no policy replaces goes on as it came.</summary>
internal static class BodyEncoding
{
    /// <summary>Codings that one message may have on top of each other.</summary>
    private const int Deepest = 4;

    /// <returns>The bytes, decompressed when the message's Content-Encoding says that they are compressed.</returns>
    /// <param name="limit">Bytes that may come of them.</param>
    /// <exception cref="BodyEncodingException">They are not what it says, or nobody here knows it.</exception>
    /// <exception cref="MessageBodyTooLargeException">More than <paramref name="limit"/> came of them.</exception>
    public static ReadOnlyMemory<byte> Plain(PolicyMessage message, ReadOnlyMemory<byte> bytes, int limit = MessageBody.BufferLimit)
    {
        var written = message.Headers.ContentEncoding;
        if (written.Count == 0 || bytes.IsEmpty)
        {
            return bytes;
        }

        var codings = written.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (codings.Length > Deepest)
        {
            throw new BodyEncodingException(message, $"The message body is compressed more than {Deepest} times.");
        }

        foreach (var coding in codings.Reverse())
        {
            bytes = Undo(message, coding, bytes, limit);
        }

        return bytes;
    }

    private static ReadOnlyMemory<byte> Undo(PolicyMessage message, string coding, ReadOnlyMemory<byte> bytes, int limit)
    {
        var compressed = new MemoryStream(bytes.ToArray(), writable: false);
        using Stream? stream = coding.ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(compressed, CompressionMode.Decompress),
            "br" => new BrotliStream(compressed, CompressionMode.Decompress),
            "deflate" => new ZLibStream(compressed, CompressionMode.Decompress),
            "identity" => compressed,
            _ => throw new BodyEncodingException(message, $"A message body with the Content-Encoding '{coding}' can't be read here: gzip, br and deflate can."),
        };
        var plain = new MemoryStream();
        var chunk = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = stream.Read(chunk)) > 0)
            {
                plain.Write(chunk, 0, read);
                if (plain.Length > limit)
                {
                    throw new MessageBodyTooLargeException(limit);
                }
            }
        }
        catch (Exception problem) when (problem is InvalidDataException or InvalidOperationException)
        {
            throw new BodyEncodingException(message, $"The message body is not {coding}, which its Content-Encoding says.");
        }

        return plain.GetBuffer().AsMemory(0, (int)plain.Length);
    }
}

/// <summary>A policy was about to read a body that it can't decompress.</summary>
internal sealed class BodyEncodingException(PolicyMessage body, string message) : InvalidOperationException(message)
{
    /// <summary>400 when the caller sent it.</summary>
    public int StatusCode => body is PolicyRequest ? 400 : 500;
}

using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Postern.Policies.Expressions;
using Postern.Policies.Runtime;

namespace Postern.Policies.Language;

/// <summary>Reads and replaces a whole body as text, for policies that convert it.</summary>
internal static class BodyText
{
    /// <summary>The body's text, decompressed; empty when there is none. The message then says that it is no longer compressed.</summary>
    /// <exception cref="MessageBodyTooLargeException">It is longer than a policy may read.</exception>
    public static async ValueTask<string> ReadAsync(PolicyMessage message, CancellationToken cancellation)
    {
        await message.Body.BufferAsync(cancellation);
        if (message.Body.State != MessageBodyState.Buffered)
        {
            return "";
        }

        var encoding = message.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && Open(encoding, new MemoryStream(message.Body.Bytes.ToArray())) is { } plain)
        {
            await using (plain)
            {
                message.Body.SetStream(plain);
                await message.Body.BufferAsync(cancellation);
            }

            message.Headers.Remove("Content-Encoding");
            message.Body.SetBytes(message.Body.Bytes);
        }

        return MessageText.Decode(message, message.Body.Bytes.Span);
    }

    public static void Replace(PolicyMessage message, string text)
    {
        message.Body.SetBytes(MessageText.Encode(message, text));
        message.Headers.ContentLength = null;
    }

    private static Stream? Open(string encoding, Stream compressed) => encoding.ToLowerInvariant() switch
    {
        "gzip" => new GZipStream(compressed, CompressionMode.Decompress),
        "br" => new BrotliStream(compressed, CompressionMode.Decompress),
        "deflate" => new ZLibStream(compressed, CompressionMode.Decompress),
        _ => null,
    };
}

using System.Text;
using Microsoft.AspNetCore.Http;
using Postern.Policies.BuiltIn;
using Postern.Policies.Expressions;
using Postern.Policies.Runtime;

namespace Postern.Policies.Language;

/// <summary>Reads and replaces a whole body as text, for policies that convert it.</summary>
internal static class BodyText
{
    /// <summary>The body's text, decompressed. The message then says that it is no longer compressed.</summary>
    /// <returns>Null when there is none: nothing is to be converted, as in answers to HEAD, or with 204 and 304.</returns>
    /// <exception cref="MessageBodyTooLargeException">It is longer than a policy may read.</exception>
    /// <exception cref="BodyEncodingException">It can't be decompressed.</exception>
    public static async ValueTask<string?> ReadAsync(PolicyMessage message, CancellationToken cancellation)
    {
        await message.Body.BufferAsync(cancellation);
        if (message.Body.State != MessageBodyState.Buffered || message.Body.Bytes.IsEmpty)
        {
            // HEAD would tell how long the body is that no policy changed.
            message.Headers.ContentLength = null;
            return null;
        }

        if (message.Headers.ContentEncoding.Count > 0)
        {
            message.Body.SetBytes(BodyEncoding.Plain(message, message.Body.Bytes));
            message.Headers.Remove("Content-Encoding");
        }

        return MessageText.Decode(message, message.Body.Bytes.Span);
    }

    public static void Replace(PolicyMessage message, string text)
    {
        if (MessageText.TryEncode(message, text) is { } bytes)
        {
            message.Body.SetBytes(bytes);
            message.Headers.ContentLength = null;
            return;
        }

        // The charset has no room for what came in: better another one than question marks.
        message.Body.SetBytes(Encoding.UTF8.GetBytes(text));
        SetBodyPolicy.UseUtf8(message.Headers);
    }
}

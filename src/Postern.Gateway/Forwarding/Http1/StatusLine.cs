using System.Text;

namespace Postern.Gateway.Forwarding.Http1;

/// <summary>The first line of an answer.</summary>
/// <param name="Reason">Null when it is the usual text of that status, or absent.</param>
/// <param name="IsHttp10">HTTP/1.0: the connection closes unless it is said otherwise.</param>
internal readonly record struct StatusLine(int Status, string? Reason, bool IsHttp10)
{
    /// <exception cref="BrokenMessageException">Not a status line of HTTP/1.x.</exception>
    public static StatusLine Parse(ReadOnlySpan<byte> line)
    {
        // HTTP/1.1 200 OK
        if (line.Length < 12 || !line.StartsWith("HTTP/1."u8) || line[7] is not ((byte)'0' or (byte)'1') || line[8] != ' '
            || !char.IsAsciiDigit((char)line[9]) || !char.IsAsciiDigit((char)line[10]) || !char.IsAsciiDigit((char)line[11])
            || (line.Length > 12 && line[12] != ' ') || line[9] == '0')
        {
            throw new BrokenMessageException("The backend's answer does not begin with an HTTP/1.1 status line.");
        }

        var status = ((line[9] - '0') * 100) + ((line[10] - '0') * 10) + (line[11] - '0');
        return new(status, ReadReason(status, line.Length > 13 ? line[13..] : default), line[7] == '0');
    }

    private static string? ReadReason(int status, ReadOnlySpan<byte> text)
    {
        var usual = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status);
        if (text.IsEmpty || Ascii.Equals(text, usual))
        {
            return null;
        }

        if (text.ContainsAny((byte)0, (byte)'\r'))
        {
            throw new BrokenMessageException("The backend's status line has a control character.");
        }

        return Encoding.Latin1.GetString(text);
    }
}

using System.Buffers;

namespace Postern.Gateway.Routing;

/// <summary>
/// The one normaliser of request paths. Routing, the subscription check, policies and the backend all see its result, so that they cannot
/// disagree about what a path means. The canonical form stays percent-encoded: unreserved characters are decoded, all other escapes are
/// kept in upper case (so <c>%2F</c> never becomes a separator), characters that a path may not hold are escaped, dot segments are removed.
/// </summary>
internal static class RequestPath
{
    /// <summary>Longest path; Kestrel's own limit for a request line is 8 KB.</summary>
    private const int MaxLength = 16 * 1024;

    // RFC 3986 pchar and "/", without "%".
    private static readonly SearchValues<char> PathCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/");

    // What a query may hold without being escaped. Wider than RFC 3986 on purpose: [ ] { } | ^ ` " \ < > are common and unambiguous there.
    private static readonly SearchValues<char> QueryCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?%[]{}|^`\"\\<>");

    /// <summary>True when the text is a canonical path already: the common case, which costs one scan.</summary>
    public static bool IsCanonical(ReadOnlySpan<char> path) =>
        path.Length > 0 && path[0] == '/' && path.IndexOfAnyExcept(PathCharacters) < 0 && !path.Contains("/.", StringComparison.Ordinal);

    /// <summary>Cuts a request target into its raw path and its query (with <c>?</c>, or empty).</summary>
    /// <returns>False for a form that names no path here, such as <c>*</c> or <c>host:port</c>.</returns>
    public static bool TrySplit(ReadOnlySpan<char> target, out ReadOnlySpan<char> path, out ReadOnlySpan<char> query)
    {
        if (target.Length > 0 && target[0] != '/')
        {
            var authority = target.IndexOf("://", StringComparison.Ordinal);
            if (authority <= 0)
            {
                path = query = default;
                return false;
            }

            target = target[(authority + 3)..];
            var end = target.IndexOfAny('/', '?');
            target = end < 0 ? "/" : target[end..];
        }

        var question = target.IndexOf('?');
        path = question < 0 ? target : target[..question];
        query = question < 0 ? default : target[question..];
        if (path.IsEmpty)
        {
            path = "/";
        }

        return true;
    }

    /// <summary>The canonical form; null when the path is malformed or ambiguous and must be refused.</summary>
    public static string? Normalize(ReadOnlySpan<char> raw)
    {
        if (raw.IsEmpty || raw[0] != '/' || raw.Length > MaxLength)
        {
            return null;
        }

        // An escaped character takes at most three times its place.
        var buffer = ArrayPool<char>.Shared.Rent(raw.Length * 3);
        try
        {
            var length = Decode(raw, buffer);
            return length < 0 || !RemoveDotSegments(buffer, ref length) ? null : new string(buffer, 0, length);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    /// <summary>A query without characters that could end the request line; the text itself when it has none.</summary>
    public static string CleanQuery(string query)
    {
        if (query.AsSpan().IndexOfAnyExcept(QueryCharacters) < 0)
        {
            return query;
        }

        var text = new System.Text.StringBuilder(query.Length + 16);
        foreach (var character in query)
        {
            if (QueryCharacters.Contains(character))
            {
                text.Append(character);
            }
            else
            {
                text.Append('%').Append(((int)character & 0xFF).ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        return text.ToString();
    }

    private static int Decode(ReadOnlySpan<char> raw, Span<char> result)
    {
        var length = 0;
        for (var i = 0; i < raw.Length; i++)
        {
            var character = raw[i];
            if (character == '%')
            {
                if (i + 2 >= raw.Length || !char.IsAsciiHexDigit(raw[i + 1]) || !char.IsAsciiHexDigit(raw[i + 2]))
                {
                    return -1;
                }

                var value = (char)((HexValue(raw[i + 1]) << 4) | HexValue(raw[i + 2]));
                i += 2;
                if (value == '\0')
                {
                    return -1;
                }

                if (char.IsAsciiLetterOrDigit(value) || value is '-' or '.' or '_' or '~')
                {
                    result[length++] = value;
                }
                else
                {
                    length = Escape(value, result, length);
                }
            }
            else if (PathCharacters.Contains(character))
            {
                result[length++] = character;
            }
            else if (character is > ' ' and < '\x7f')
            {
                length = Escape(character, result, length);
            }
            else
            {
                // Controls, blanks and anything outside ASCII have no business in a request line.
                return -1;
            }
        }

        return length;
    }

    private static int Escape(char value, Span<char> result, int length)
    {
        result[length] = '%';
        result[length + 1] = HexDigit(value >> 4);
        result[length + 2] = HexDigit(value & 0xF);
        return length + 3;
    }

    /// <summary>RFC 3986 5.2.4, in place.</summary>
    private static bool RemoveDotSegments(Span<char> path, ref int length)
    {
        var written = 0;
        var position = 0;
        while (position < length)
        {
            // At a slash: the segment is what follows it.
            var next = path[(position + 1)..length].IndexOf('/');
            var end = next < 0 ? length : position + 1 + next;
            var segment = path[(position + 1)..end];
            if (IsDot(segment) || IsDotDot(segment))
            {
                if (segment.Length == 2)
                {
                    var parent = path[..written].LastIndexOf('/');
                    written = parent < 0 ? 0 : parent;
                }

                if (end == length)
                {
                    path[written++] = '/';
                }
            }
            else if (segment.Length > 1 && segment[0] == '.' && (segment[1] == ';' || (segment.Length > 2 && segment[1] == '.' && segment[2] == ';')))
            {
                // "..;x": some servers drop the parameter first and then see a dot segment.
                return false;
            }
            else
            {
                path[position..end].CopyTo(path[written..]);
                written += end - position;
            }

            position = end;
        }

        length = written;
        return true;
    }

    private static bool IsDot(ReadOnlySpan<char> segment) => segment.Length == 1 && segment[0] == '.';

    private static bool IsDotDot(ReadOnlySpan<char> segment) => segment.Length == 2 && segment[0] == '.' && segment[1] == '.';

    private static int HexValue(char digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    private static char HexDigit(int value) => (char)(value < 10 ? '0' + value : 'A' + value - 10);
}

using System.Buffers;

namespace Postern.Gateway.Forwarding.Http1;

/// <summary>Goes through the field lines of a complete head or trailer section.</summary>
internal ref struct HeadLines(ReadOnlySpan<byte> lines)
{
    private static readonly SearchValues<byte> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private ReadOnlySpan<byte> _rest = lines;

    /// <summary>The next field; false at the empty line.</summary>
    /// <exception cref="BrokenMessageException">Not a field line, a folded line, or a control character in a value.</exception>
    public bool TryNext(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var line = NextLine(ref _rest);
        if (line.IsEmpty)
        {
            name = value = default;
            return false;
        }

        var colon = line.IndexOf((byte)':');
        if (colon <= 0 || line[0] is (byte)' ' or (byte)'\t')
        {
            throw new BrokenMessageException("The backend sent a header line without a name.");
        }

        // Blanks before the colon are removed on the way through a proxy (RFC 9112 5.1).
        name = line[..colon].TrimEnd(" \t"u8);
        value = line[(colon + 1)..].Trim(" \t"u8);
        if (name.IsEmpty || name.ContainsAnyExcept(Token))
        {
            throw new BrokenMessageException("The backend sent a header name with characters that names can't have.");
        }

        if (value.ContainsAny((byte)0, (byte)'\r'))
        {
            throw new BrokenMessageException("The backend sent a header value with a control character.");
        }

        return true;
    }

    /// <summary>Cuts one line off, without its ending.</summary>
    public static ReadOnlySpan<byte> NextLine(scoped ref ReadOnlySpan<byte> rest)
    {
        var feed = rest.IndexOf((byte)'\n');
        if (feed < 0)
        {
            var all = rest;
            rest = default;
            return all;
        }

        var line = rest[..feed];
        rest = rest[(feed + 1)..];
        return line.Length > 0 && line[^1] == '\r' ? line[..^1] : line;
    }
}

namespace Postern.Gateway.Forwarding.Http1;

internal enum BodyEnd : byte
{
    /// <summary>There is no body.</summary>
    None,

    /// <summary>After a declared number of bytes.</summary>
    Length,

    /// <summary>At the last chunk.</summary>
    Chunked,

    /// <summary>When the backend closes.</summary>
    Close,
}

/// <summary>How long the body of an answer is and whether the connection lives on (RFC 9112 6.3, 9.3); gathered while its head is read.</summary>
internal struct BodyFraming
{
    private bool _coded;
    private bool _strange;
    private bool _close;
    private bool _keep;

    public long? Length { get; private set; }

    public void See(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        switch (name.Length)
        {
            case 10 when Is(name, "connection"u8):
                _close |= Lists(value, "close"u8);
                _keep |= Lists(value, "keep-alive"u8);
                break;
            case 14 when Is(name, "content-length"u8):
                SeeLength(value);
                break;
            case 17 when Is(name, "transfer-encoding"u8):
                _strange |= _coded || !Is(value, "chunked"u8);
                _coded = true;
                break;
        }
    }

    /// <exception cref="BrokenMessageException">
    /// Both lengths are given: somebody before us may have read the message otherwise. Or the body is coded in a way that we did not ask for.
    /// </exception>
    public readonly (BodyEnd End, bool Reusable) Decide(bool mayHaveBody, bool isHttp10)
    {
        var reusable = !_close && (!isHttp10 || _keep);
        if (!mayHaveBody)
        {
            return (BodyEnd.None, reusable);
        }

        if (_coded)
        {
            return Length is not null || isHttp10
                ? throw new BrokenMessageException("The backend gave both a content length and a transfer coding, or a transfer coding in HTTP/1.0.")
                : _strange ? throw new BrokenMessageException("The backend used another transfer coding than chunked, or one twice.")
                : (BodyEnd.Chunked, reusable);
        }

        return Length switch
        {
            0 => (BodyEnd.None, reusable),
            null => (BodyEnd.Close, false),
            _ => (BodyEnd.Length, reusable),
        };
    }

    private void SeeLength(ReadOnlySpan<byte> value)
    {
        // The same number twice is one number; anything else leaves no way to tell where the next answer begins.
        foreach (var range in value.Split((byte)','))
        {
            var text = value[range].Trim(" \t"u8);
            if (text.IsEmpty || text.ContainsAnyExceptInRange((byte)'0', (byte)'9') || !long.TryParse(text, out var length)
                || (Length is { } before && before != length))
            {
                throw new BrokenMessageException("The backend's content length is no number, or not the same everywhere.");
            }

            Length = length;
        }
    }

    private static bool Lists(ReadOnlySpan<byte> value, ReadOnlySpan<byte> item)
    {
        foreach (var range in value.Split((byte)','))
        {
            if (Is(value[range].Trim(" \t"u8), item))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower) => System.Text.Ascii.EqualsIgnoreCase(text, lower);
}

using System.Buffers;
using System.Text;

namespace Postern.Gateway.Forwarding.Http1;

/// <summary>Bytes of a request's head, gathered for one write. The array is rented for the time of one exchange.</summary>
internal sealed class OutputBuffer
{
    private const int FirstSize = 2048;

    private byte[] _bytes = [];
    private int _length;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public void Begin()
    {
        if (_bytes.Length == 0)
        {
            _bytes = ArrayPool<byte>.Shared.Rent(FirstSize);
        }

        _length = 0;
    }

    public void End()
    {
        var bytes = _bytes;
        _bytes = [];
        _length = 0;
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Text as Latin-1, the way it came in. Characters beyond become <c>?</c>; the caller has checked for line breaks.</summary>
    public void Write(string text)
    {
        Reserve(text.Length);
        _length += Encoding.Latin1.GetBytes(text, _bytes.AsSpan(_length));
    }

    public void Write(long number)
    {
        Reserve(20);
        System.Buffers.Text.Utf8Formatter.TryFormat(number, _bytes.AsSpan(_length), out var written);
        _length += written;
    }

    private void Reserve(int more)
    {
        if (_bytes.Length - _length >= more)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + more, _bytes.Length * 2));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}

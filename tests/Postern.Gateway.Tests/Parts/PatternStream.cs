namespace Postern.Gateway.Tests.Parts;

/// <summary>A long body that is nowhere in memory and whose every byte can be checked.</summary>
internal sealed class PatternStream(long length) : Stream
{
    // A prime, so that no buffer size falls into step with it.
    private const int Period = 65_521;

    private static readonly byte[] Pattern = MakePattern();

    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    /// <summary>Reads a body to its end and fails at the first byte that is not as it was sent.</summary>
    public static async Task CheckAsync(Stream body, long length)
    {
        var buffer = new byte[64 * 1024];
        long position = 0;
        int read;
        while ((read = await body.ReadAsync(buffer)) > 0)
        {
            if (!buffer.AsSpan(0, read).SequenceEqual(At(position, read)))
            {
                throw new InvalidDataException($"A byte after {position} is wrong.");
            }

            position += read;
        }

        Assert.Equal(length, position);
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = (int)Math.Min(Math.Min(count, 64 * 1024), length - _position);
        At(_position, read).CopyTo(buffer.AsSpan(offset));
        _position += read;
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static ReadOnlySpan<byte> At(long position, int count) => Pattern.AsSpan((int)(position % Period), count);

    private static byte[] MakePattern()
    {
        var once = new byte[Period];
        new Random(1).NextBytes(once);
        byte[] pattern = [.. once, .. once, .. once];
        return pattern;
    }
}

namespace Postern.Gateway.Tests.Parts;

/// <summary>A long body that is nowhere in memory and whose every byte can be checked.</summary>
internal sealed class PatternStream(long length) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public static byte At(long position) => (byte)((position * 31) ^ (position >> 8));

    /// <summary>Reads a body to its end and fails at the first byte that is not as it was sent.</summary>
    public static async Task CheckAsync(Stream body, long length)
    {
        var buffer = new byte[64 * 1024];
        long position = 0;
        int read;
        while ((read = await body.ReadAsync(buffer)) > 0)
        {
            for (var i = 0; i < read; i++)
            {
                if (buffer[i] != At(position + i))
                {
                    throw new InvalidDataException($"Byte {position + i} is wrong.");
                }
            }

            position += read;
        }

        Assert.Equal(length, position);
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = (int)Math.Min(count, length - _position);
        for (var i = 0; i < read; i++)
        {
            buffer[offset + i] = At(_position + i);
        }

        _position += read;
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

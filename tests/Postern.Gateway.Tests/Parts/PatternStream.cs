using Postern.Policies.Runtime;

namespace Postern.Gateway.Tests.Parts;

/// <summary>A long body that is nowhere in memory and whose every byte can be checked.</summary>
internal sealed class PatternStream(long length) : ForwardStream
{
    // A prime, so that no buffer size falls into step with it.
    private const int Period = 65_521;

    private static readonly byte[] Pattern = MakePattern();

    private long _position;

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

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = (int)Math.Min(Math.Min(buffer.Length, 64 * 1024), length - _position);
        At(_position, read).CopyTo(buffer.Span);
        _position += read;
        return new(read);
    }

    private static ReadOnlySpan<byte> At(long position, int count) => Pattern.AsSpan((int)(position % Period), count);

    private static byte[] MakePattern()
    {
        var once = new byte[Period];
        new Random(1).NextBytes(once);
        byte[] pattern = [.. once, .. once, .. once];
        return pattern;
    }
}

namespace Postern.Policies.Runtime;

/// <summary>A stream that tells how much was read from it.</summary>
internal sealed class CountedStream(Stream inner) : ForwardStream
{
    private long _count;

    public long Count => Volatile.Read(ref _count);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        Interlocked.Add(ref _count, read);
        return read;
    }
}

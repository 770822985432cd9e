using Postern.Policies.Runtime;

namespace Postern.Gateway.Tracing;

/// <summary>Passes reads on and keeps the beginning of what they gave.</summary>
internal sealed class SampledStream(Stream inner, BodySample sample) : ForwardStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        sample.Add(buffer.Span[..read]);
        return read;
    }
}

using System.Collections.Concurrent;

namespace Postern.Gateway.Forwarding;

/// <summary>Remembers addresses that were taken apart. Bounded: expressions may compute addresses without end.</summary>
internal sealed class BackendEndpoints
{
    private const int Limit = 4096;

    private readonly ConcurrentDictionary<Uri, BackendEndpoint> _plain = new();

    public BackendEndpoint Of(Uri address)
    {
        if (_plain.TryGetValue(address, out var endpoint))
        {
            return endpoint;
        }

        if (_plain.Count >= Limit)
        {
            _plain.Clear();
        }

        return _plain.GetOrAdd(address, static address => new(address, null));
    }
}

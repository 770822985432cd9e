using System.Collections.Concurrent;
using Postern.Gateway.State;

namespace Postern.Gateway.Forwarding;

/// <summary>Remembers addresses that were taken apart. Bounded: expressions may compute addresses without end.</summary>
internal sealed class BackendEndpoints
{
    private const int Limit = 4096;

    private readonly ConcurrentDictionary<Uri, BackendEndpoint> _plain = new();
    private readonly ConcurrentDictionary<BackendState, BackendEndpoint> _entities = new();

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

    public BackendEndpoint Of(BackendState backend)
    {
        if (_entities.TryGetValue(backend, out var endpoint))
        {
            return endpoint;
        }

        if (_entities.Count >= Limit)
        {
            _entities.Clear();
        }

        return _entities.GetOrAdd(backend, static backend => new(backend.Address, backend));
    }
}

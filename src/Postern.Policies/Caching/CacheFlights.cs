using System.Collections.Concurrent;

namespace Postern.Policies.Caching;

/// <summary>
/// Responses being fetched right now: of several requests that miss the same key one goes to the backend and the others wait for what it
/// brings. A key whose response was not kept is left alone for a while, so that requests for it do not queue up in vain.
/// </summary>
internal sealed class CacheFlights
{
    /// <summary>How long a request waits for another one's response before it goes to the backend itself.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FruitlessFor = TimeSpan.FromSeconds(10);

    private const int MostFruitless = 4096;

    private readonly ConcurrentDictionary<string, CacheFlight> _flights = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _fruitless = new(StringComparer.Ordinal);

    /// <returns>Null when waiting for this key has lately been in vain.</returns>
    /// <param name="leads">True when the caller is to fetch and to land the flight.</param>
    public CacheFlight? Join(string key, DateTimeOffset now, out bool leads)
    {
        leads = false;
        if (!_fruitless.IsEmpty && _fruitless.TryGetValue(key, out var until))
        {
            if (until > now)
            {
                return null;
            }

            _fruitless.TryRemove(key, out _);
        }

        if (_flights.TryGetValue(key, out var flight))
        {
            return flight;
        }

        var made = new CacheFlight(this, key);
        flight = _flights.GetOrAdd(key, made);
        leads = ReferenceEquals(flight, made);
        return flight;
    }

    /// <summary>The key's response was kept after all.</summary>
    public void Bears(string key) => _fruitless.TryRemove(key, out _);

    internal void End(CacheFlight flight, bool fruitless, DateTimeOffset now)
    {
        if (fruitless)
        {
            if (_fruitless.Count >= MostFruitless)
            {
                _fruitless.Clear();
            }

            _fruitless[flight.Key] = now + FruitlessFor;
        }

        _flights.TryRemove(KeyValuePair.Create(flight.Key, flight));
    }
}

/// <summary>One response being fetched.</summary>
internal sealed class CacheFlight(CacheFlights flights, string key)
{
    private readonly TaskCompletionSource<byte[]?> _landed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Key => key;

    /// <param name="response">As the cache has it; null when it was not kept. Only the first call counts.</param>
    public void Land(byte[]? response, DateTimeOffset now)
    {
        if (!_landed.Task.IsCompleted)
        {
            flights.End(this, response is null, now);
            _landed.TrySetResult(response);
        }
    }

    /// <returns>Null when nothing came, or not in time.</returns>
    public async ValueTask<byte[]?> WaitAsync(TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            return await _landed.Task.WaitAsync(CacheFlights.LongestWait, time, cancellation);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}

namespace Postern.Gateway.State;

/// <summary>The one reference that is swapped when a new configuration is ready.</summary>
internal sealed class CurrentState : IDisposable
{
    private volatile GatewayState? _state;
    private volatile string _reason = "The gateway has no configuration yet.";

    public GatewayState? State => _state;

    /// <summary>Why there is no state; shown by probes. Holds nothing secret.</summary>
    public string Reason => _reason;

    public void Swap(GatewayState state)
    {
        var before = Interlocked.Exchange(ref _state, state);
        state.ExternalCache?.Start();
        if (before?.ExternalCache is { } cache && cache != state.ExternalCache)
        {
            // Requests that still run with the old state find nothing in it from now on.
            cache.Dispose();
        }
    }

    public void Explain(string reason) => _reason = reason;

    public void Dispose() => _state?.ExternalCache?.Dispose();
}

namespace Postern.Gateway.State;

/// <summary>The one reference that is swapped when a new configuration is ready.</summary>
internal sealed class CurrentState
{
    private volatile GatewayState? _state;
    private volatile string _reason = "The gateway has no configuration yet.";

    public GatewayState? State => _state;

    /// <summary>Why there is no state; shown by probes. Holds nothing secret.</summary>
    public string Reason => _reason;

    public void Swap(GatewayState state) => _state = state;

    public void Explain(string reason) => _reason = reason;
}

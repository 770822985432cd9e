namespace Postern.Gateway.Telemetry.Sending;

/// <summary>One kind of telemetry on its way up.</summary>
internal interface ITelemetryLane
{
    /// <summary>Sends the oldest piece that waits.</summary>
    /// <returns>False when nothing waits.</returns>
    /// <exception cref="Loading.ConfigurationUnavailableException">It was not taken; it waits on.</exception>
    Task<bool> SendNextAsync(CancellationToken cancellation);
}

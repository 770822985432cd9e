using System.Net;
using Microsoft.Extensions.Logging;
using Postern.Gateway.Loading;

namespace Postern.Gateway.Telemetry.Sending;

/// <summary>A queue and the call that empties it.</summary>
/// <param name="name">Of the call, for the log.</param>
/// <param name="mostItems">In one call: what the configuration API takes.</param>
/// <param name="mostWeight">In one call.</param>
internal sealed partial class TelemetryLane<T>(
    string name, TelemetryQueue<T> queue, int mostItems, long mostWeight, Func<TelemetryPiece<T>, CancellationToken, Task> post, ILogger logger) : ITelemetryLane
{
    public async Task<bool> SendNextAsync(CancellationToken cancellation)
    {
        if (queue.Next(mostItems, mostWeight) is not { } piece)
        {
            return false;
        }

        try
        {
            await post(piece, cancellation);
            queue.Done(piece);
        }
        catch (ConfigurationUnavailableException refused) when (refused.Status is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge)
        {
            // It would be refused for ever, and keep back all that comes after it.
            queue.Refused(piece);
            LogRefused(name, piece.Items.Count, refused.Message);
        }

        return true;
    }

    [LoggerMessage(EventId = 2310, EventName = "TelemetryRefused", Level = LogLevel.Warning, Message = "G240: the control plane refused {Count} {Name}: {Reason}")]
    private partial void LogRefused(string name, int count, string reason);
}

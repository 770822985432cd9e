using Microsoft.Extensions.Logging;

namespace Postern.Gateway.Telemetry;

/// <summary>Writes one record per request, and costs one comparison when the level says that nobody wants it.</summary>
internal sealed class RequestLog(ILogger logger, TimeProvider time)
{
    private static readonly EventId Event = new(2300, RequestRecord.Category);

    public void Write(GatewayExchange exchange)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            logger.Log(LogLevel.Information, Event, new RequestRecord(exchange, time), null, static (record, _) => record.ToString());
        }
    }
}

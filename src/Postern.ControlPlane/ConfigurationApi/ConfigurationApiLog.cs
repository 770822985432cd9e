using Microsoft.Extensions.Logging;

namespace Postern.ControlPlane.ConfigurationApi;

internal static partial class ConfigurationApiLog
{
    [LoggerMessage(4130, LogLevel.Error, "{Method} {Path} failed", EventName = "ConfigurationCallFailed")]
    public static partial void Failed(ILogger logger, Exception error, string method, string path);

    [LoggerMessage(4133, LogLevel.Warning, "Gateway {Gateway}, instance {Instance}, lost {Dropped} {What}: its queue was full", EventName = "GatewayTelemetryDropped")]
    public static partial void Dropped(ILogger logger, string gateway, string instance, long dropped, string what);
}

using Microsoft.Extensions.Logging;

namespace Postern.ControlPlane.ConfigurationApi;

internal static partial class ConfigurationApiLog
{
    [LoggerMessage(4130, LogLevel.Error, "{Method} {Path} failed", EventName = "ConfigurationCallFailed")]
    public static partial void Failed(ILogger logger, Exception error, string method, string path);
}

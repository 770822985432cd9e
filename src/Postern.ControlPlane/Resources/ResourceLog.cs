using Microsoft.Extensions.Logging;

namespace Postern.ControlPlane.Resources;

internal static partial class ResourceLog
{
    [LoggerMessage(3990, LogLevel.Error, "The management call {Method} {Path} failed (request id {RequestId}, C399)", EventName = "ManagementCallFailed")]
    public static partial void CallFailed(ILogger logger, Exception error, string method, string path, string requestId);
}

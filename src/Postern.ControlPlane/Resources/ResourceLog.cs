using Microsoft.Extensions.Logging;

namespace Postern.ControlPlane.Resources;

internal static partial class ResourceLog
{
    [LoggerMessage(3990, LogLevel.Error, "The management call {Method} {Path} failed (request id {RequestId}, C399)", EventName = "ManagementCallFailed")]
    public static partial void CallFailed(ILogger logger, Exception error, string method, string path, string requestId);

    [LoggerMessage(3991, LogLevel.Error, "The long-running operation {Operation} on {Resource} failed (C399)", EventName = "OperationFailed")]
    public static partial void OperationFailed(ILogger logger, Exception error, string operation, string resource);
}

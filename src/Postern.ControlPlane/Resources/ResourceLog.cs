using Microsoft.Extensions.Logging;

namespace Postern.ControlPlane.Resources;

internal static partial class ResourceLog
{
    [LoggerMessage(3990, LogLevel.Error, "The management call {Method} {Path} failed (request id {RequestId}, C399)", EventName = "ManagementCallFailed")]
    public static partial void CallFailed(ILogger logger, Exception error, string method, string path, string requestId);

    [LoggerMessage(3991, LogLevel.Error, "The long-running operation {Operation} on {Resource} failed (C399)", EventName = "OperationFailed")]
    public static partial void OperationFailed(ILogger logger, Exception error, string operation, string resource);

    [LoggerMessage(3992, LogLevel.Warning, "The deleted service {Service} is not purged yet; it is tried again: {Problem}", EventName = "PurgePostponed")]
    public static partial void PurgePostponed(ILogger logger, string service, string problem);

    [LoggerMessage(3993, LogLevel.Error, "Deleted services could not be purged; it is tried again (C399)", EventName = "PurgesFailed")]
    public static partial void PurgesFailed(ILogger logger, Exception error);
}

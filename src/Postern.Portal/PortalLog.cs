using System.Net;
using Microsoft.Extensions.Logging;

namespace Postern.Portal;

internal static partial class PortalLog
{
    [LoggerMessage(EventId = 5001, EventName = "PortalSignedIn", Level = LogLevel.Information, Message = "Signed in from {Address}")]
    public static partial void SignedIn(ILogger logger, IPAddress? address);

    [LoggerMessage(EventId = 5002, EventName = "PortalSignInRefused", Level = LogLevel.Warning, Message = "A wrong access code came from {Address}")]
    public static partial void SignInRefused(ILogger logger, IPAddress? address);

    [LoggerMessage(EventId = 5003, EventName = "PortalManagementError", Level = LogLevel.Warning,
        Message = "The management API answered {Status} {Code} to {Method} {Path}: {Reason}")]
    public static partial void ManagementError(ILogger logger, int status, string code, string method, string path, string reason);
}

using Microsoft.Extensions.Logging;

namespace Postern.ControlPlane.Access;

internal static partial class AccessLog
{
    [LoggerMessage(4110, LogLevel.Information, "{Principal} may not perform {Action} over {Scope}: {Reason}", EventName = "AccessRefused")]
    public static partial void NotPermitted(ILogger logger, string principal, string action, string scope, string reason);

    [LoggerMessage(4111, LogLevel.Information, "{Principal} was made Owner of {Scope}", EventName = "OwnerSeeded")]
    public static partial void OwnerSeeded(ILogger logger, string principal, string scope);

    [LoggerMessage(4113, LogLevel.Warning, "Role data can't be read from rbac.source (A436): {Reason}", EventName = "RoleDataUnreachable")]
    public static partial void RolesUnreachable(ILogger logger, string reason);

    [LoggerMessage(4112, LogLevel.Warning, "The directory can't be asked for group membership (A437): {Reason}", EventName = "DirectoryUnreachable")]
    public static partial void DirectoryUnreachable(ILogger logger, string reason);
}

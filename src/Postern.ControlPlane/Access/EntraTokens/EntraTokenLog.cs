using Microsoft.Extensions.Logging;

namespace Postern.ControlPlane.Access.EntraTokens;

internal static partial class EntraTokenLog
{
    [LoggerMessage(4101, LogLevel.Information, "The authority's signing keys were fetched: {Count}", EventName = "AuthorityKeysFetched")]
    public static partial void KeysFetched(ILogger logger, int count);

    [LoggerMessage(4102, LogLevel.Warning, "The authority's signing keys can't be fetched (A413): {Reason}", EventName = "AuthorityUnreachable")]
    public static partial void AuthorityUnreachable(ILogger logger, string reason);

    [LoggerMessage(4103, LogLevel.Information, "A caller could not be authenticated ({Diagnostic}): {Reason}", EventName = "AuthenticationRefused")]
    public static partial void Refused(ILogger logger, string diagnostic, string reason);
}

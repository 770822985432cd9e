using Microsoft.Extensions.Logging;

namespace Postern.Authority;

/// <summary>Everything that the authority logs. Ids and names are stable; no event carries a secret or a token.</summary>
internal static partial class AuthorityLog
{
    [LoggerMessage(4600, LogLevel.Information, "The authority listens at {Address}", EventName = "AuthorityStarted")]
    public static partial void Started(ILogger log, Uri address);

    [LoggerMessage(4601, LogLevel.Information, "Signing key {Kid} made; it signs from {SignsFrom:u}", EventName = "SigningKeyMade")]
    public static partial void SigningKeyMade(ILogger log, string kid, DateTimeOffset signsFrom);

    [LoggerMessage(4602, LogLevel.Warning, "A461: authority.key was absent and has been made anew; tokens issued earlier are void", EventName = "SealingKeyMade")]
    public static partial void SealingKeyMade(ILogger log);

    [LoggerMessage(4603, LogLevel.Information, "Token for {Audience} issued to {Client} in tenant {Tenant}", EventName = "TokenIssued")]
    public static partial void TokenIssued(ILogger log, string audience, string client, string tenant);

    [LoggerMessage(4604, LogLevel.Warning, "Token refused to {Client} from {Remote}: AADSTS{Code} {Reason}", EventName = "TokenRefused")]
    public static partial void TokenRefused(ILogger log, string client, string? remote, int code, string reason);

    [LoggerMessage(4605, LogLevel.Error, "Request {Method} {Path} failed", EventName = "AuthorityRequestFailed")]
    public static partial void RequestFailed(ILogger log, Exception problem, string method, string path);

    [LoggerMessage(4606, LogLevel.Information, "{Client} changed the directory: {Change} {ObjectId}", EventName = "DirectoryChanged")]
    public static partial void DirectoryChanged(ILogger log, string client, string change, string objectId);

    [LoggerMessage(4607, LogLevel.Information, "{Count} signing keys of {Issuer} fetched", EventName = "IssuerKeysFetched")]
    public static partial void IssuerKeysFetched(ILogger log, string issuer, int count);

    [LoggerMessage(4608, LogLevel.Warning, "A464: the keys of {Issuer} can't be fetched: {Problem}", EventName = "IssuerUnreachable")]
    public static partial void IssuerUnreachable(ILogger log, string issuer, string problem);

    [LoggerMessage(4609, LogLevel.Error, "A460: the signing keys can't be renewed now", EventName = "SigningKeysNotTended")]
    public static partial void TendingFailed(ILogger log, Exception problem);
}

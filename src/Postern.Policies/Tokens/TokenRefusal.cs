namespace Postern.Policies.Tokens;

/// <summary>Why a token is not accepted.</summary>
/// <param name="Reason">The documented codes of validate-jwt.</param>
/// <param name="Message">Default message for the caller; holds nothing of the token but single claims.</param>
internal sealed record TokenRefusal(string Reason, string Message)
{
    public static readonly TokenRefusal NotPresent = new("TokenNotPresent", "JWT not present.");

    /// <summary>Claims come from outside: shortened, and never able to break out of a log line.</summary>
    public static string Shown(string? claim) =>
        claim is null ? "(none)" : new string([.. claim.Take(200).Select(c => char.IsControl(c) ? '?' : c)]);

    public static string Shown(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
}

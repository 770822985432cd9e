using System.Globalization;
using Postern.Authority.Tokens;

namespace Postern.Authority.Assertions;

/// <summary>Why an assertion is refused, in Entra's terms.</summary>
internal static class AssertionRefusal
{
    public static TokenRefusal Malformed { get; } = Client(50027, "JWT token is invalid or malformed.");

    public static TokenRefusal NoCertificateNamed { get; } = Client(50027, "Invalid JWT token. No certificate thumbprint specified in token header.");

    public static TokenRefusal Replayed { get; } = Client(50027, "Invalid JWT token. Its 'jti' is missing or was used before.");

    public static TokenRefusal OtherApplication { get; } = Client(700021,
        "Client assertion application identifier doesn't match 'client_id' parameter: 'iss' and 'sub' must be the client id.");

    public static TokenRefusal OtherAudience(string expected) => Client(700023,
        $"Client assertion audience claim does not match Realm issuer. The audience must be {expected}");

    public static TokenRefusal Algorithm(string? name) => Client(50027,
        $"Invalid JWT token. The signature algorithm '{TokenRequest.Shown(name)}' is not supported; use RS256, PS256 or ES256.");

    public static TokenRefusal Signature(string reason, string key) => Client(700027,
        $"Client assertion failed signature validation. [Reason - {reason}, Thumbprint of key used by client: '{TokenRequest.Shown(key)}']");

    public static TokenRefusal Time(DateTimeOffset now, DateTimeOffset? begins, DateTimeOffset? ends) => Client(700024,
        $"Client assertion is not within its valid time range. Current time: {Text(now)}, assertion valid from {Text(begins)}, "
        + $"expiry time of assertion {Text(ends)}.");

    public static TokenRefusal Issuer(string issuer) => Client(700211,
        $"No matching federated identity record found for presented assertion issuer '{TokenRequest.Shown(issuer)}'. {Check}");

    public static TokenRefusal Audience(string audience) => Client(700212,
        $"No matching federated identity record found for presented assertion audience '{TokenRequest.Shown(audience)}'. {Check}");

    public static TokenRefusal Subject(string subject) => Client(700213,
        $"No matching federated identity record found for presented assertion subject '{TokenRequest.Shown(subject)}'. {Check}");

    public static TokenRefusal SubjectInOtherCase(string subject) => Client(7002138,
        $"No matching federated identity record found for presented assertion subject '{TokenRequest.Shown(subject)}'. The subject matches with "
        + $"case-insensitive comparison, but not with case-sensitive comparison. {Check}");

    public static TokenRefusal IssuerUnreachable(string reason) => new(400, "invalid_request", 50166,
        $"Request to External OIDC endpoint failed: {reason}.");

    private const string Check = "Check your federated identity credential Subject, Audience and Issuer against the presented assertion.";

    private static TokenRefusal Client(int code, string message) => new(401, "invalid_client", code, message);

    private static string Text(DateTimeOffset? time) => time?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture) ?? "(not given)";
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Postern.ControlPlane.Access.GatewayTokens;

/// <summary>
/// A gateway token: <c>&lt;id&gt;&amp;&lt;yyyyMMddHHmm&gt;&amp;&lt;signature&gt;</c>, where the signature is the Base64 of the HMAC-SHA512, under the UTF-8
/// bytes of a gateway key's text, of the id, a line feed and the expiry in round-trip form. The product's access tokens of the
/// same shape are signed so.
/// </summary>
/// <param name="Expiry">UTC, whole minutes.</param>
internal sealed record GatewayToken(string GatewayId, DateTimeOffset Expiry, string Signature)
{
    public const string Scheme = "GatewayKey";

    private const string ExpiryFormat = "yyyyMMddHHmm";

    /// <summary>Characters of a whole token: an id of 256, an expiry and 88 of signature fit well.</summary>
    private const int Longest = 512;

    private const int SignatureLength = 88;

    public static GatewayToken Sign(string gatewayId, DateTimeOffset expiry, string key)
    {
        var minute = new DateTimeOffset(expiry.UtcTicks - (expiry.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
        return new(gatewayId, minute, Signed(gatewayId, minute, key));
    }

    /// <param name="text">Without the scheme. White space around it is common (files end in a line feed) and harmless.</param>
    /// <returns>Null when it has another shape.</returns>
    public static GatewayToken? Parse(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        var beforeSignature = text.LastIndexOf('&');
        var beforeExpiry = beforeSignature <= 0 ? -1 : text[..beforeSignature].LastIndexOf('&');
        if (text.Length > Longest || beforeExpiry <= 0)
        {
            return null;
        }

        var id = text[..beforeExpiry];
        var signature = text[(beforeSignature + 1)..];
        return signature.Length == SignatureLength
            && id.IndexOfAnyInRange('\0', ' ') < 0
            && DateTimeOffset.TryParseExact(
                text[(beforeExpiry + 1)..beforeSignature], ExpiryFormat, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var expiry)
            ? new(id.ToString(), expiry, signature.ToString())
            : null;
    }

    /// <summary>Takes the same time for every wrong signature.</summary>
    public bool IsSignedWith(string key) => CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(Signed(GatewayId, Expiry, key)), Encoding.UTF8.GetBytes(Signature));

    /// <summary>The token as it is handed out.</summary>
    public string Value => $"{GatewayId}&{Expiry.ToString(ExpiryFormat, CultureInfo.InvariantCulture)}&{Signature}";

    /// <summary>Logs get this one: without the signature.</summary>
    public override string ToString() => $"{GatewayId}&{Expiry.ToString(ExpiryFormat, CultureInfo.InvariantCulture)}&…";

    private static string Signed(string gatewayId, DateTimeOffset expiry, string key) => Convert.ToBase64String(HMACSHA512.HashData(
        Encoding.UTF8.GetBytes(key),
        Encoding.UTF8.GetBytes($"{gatewayId}\n{expiry.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)}")));
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Postern.Snapshots;

/// <summary>
/// What <c>listDebugCredentials</c> hands out and callers send as <c>Apim-Debug-Authorization</c>:
/// <c>p=tracing&amp;aid=&lt;api&gt;&amp;ex=&lt;yyyyMMddHHmmss&gt;&amp;sn=&lt;signature&gt;</c>. The signature is the Base64 of the HMAC-SHA512, under the UTF-8 bytes of
/// the gateway's debug key, of the text before <c>&amp;sn=</c>.
/// </summary>
/// <param name="ApiId">Name of the one API that may be traced; with <c>;rev=n</c> for that revision only.</param>
/// <param name="Expiry">UTC, whole seconds; the second itself excluded.</param>
public sealed record DebugToken(string ApiId, DateTimeOffset Expiry, string Signature)
{
    /// <summary>Header that carries it.</summary>
    public const string Header = "Apim-Debug-Authorization";

    private const string ExpiryFormat = "yyyyMMddHHmmss";
    private const string Begin = "p=tracing&aid=";
    private const string BeforeExpiry = "&ex=";
    private const string BeforeSignature = "&sn=";

    /// <summary>An API's name of 256 characters, escaped, and the rest.</summary>
    private const int Longest = 1024;

    private const int SignatureLength = 88;

    public static DebugToken Sign(string apiId, DateTimeOffset expiry, string key)
    {
        var second = new DateTimeOffset(expiry.UtcTicks - (expiry.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
        return new(apiId, second, Signed(apiId, second, key));
    }

    /// <returns>Null when the text has another shape.</returns>
    public static DebugToken? Parse(string text)
    {
        var signature = text.LastIndexOf(BeforeSignature, StringComparison.Ordinal);
        var expiry = signature < 0 ? -1 : text.LastIndexOf(BeforeExpiry, signature, StringComparison.Ordinal);
        if (text.Length > Longest || !text.StartsWith(Begin, StringComparison.Ordinal) || expiry <= Begin.Length
            || text.Length - signature - BeforeSignature.Length != SignatureLength)
        {
            return null;
        }

        return DateTimeOffset.TryParseExact(
            text.AsSpan((expiry + BeforeExpiry.Length)..signature), ExpiryFormat, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var ends)
            ? new(Uri.UnescapeDataString(text[Begin.Length..expiry]), ends, text[(signature + BeforeSignature.Length)..])
            : null;
    }

    /// <summary>Takes the same time for every wrong signature.</summary>
    public bool IsSignedWith(string key) => CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(Signed(ApiId, Expiry, key)), Encoding.UTF8.GetBytes(Signature));

    /// <summary>The token as it is handed out.</summary>
    public string Value => Text(ApiId, Expiry) + BeforeSignature + Signature;

    /// <summary>Without the signature.</summary>
    public override string ToString() => Text(ApiId, Expiry) + BeforeSignature + "…";

    private static string Text(string apiId, DateTimeOffset expiry) =>
        $"{Begin}{Uri.EscapeDataString(apiId)}{BeforeExpiry}{expiry.UtcDateTime.ToString(ExpiryFormat, CultureInfo.InvariantCulture)}";

    private static string Signed(string apiId, DateTimeOffset expiry, string key) =>
        Convert.ToBase64String(HMACSHA512.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(Text(apiId, expiry))));
}

using System.Text.RegularExpressions;

namespace Postern.ControlPlane.Publishing.Kinds;

/// <summary>
/// The certificates that a policy document mentions, as <c>key:ID</c>, <c>public:ID</c> or <c>thumbprint:DIGITS</c> by what it takes of them;
/// <see cref="DocumentMentions.Any"/> when an expression decides. Named values in them are not filled in yet.
/// </summary>
internal static partial class CertificateMentions
{
    public const string Key = "key";
    public const string Public = "public";
    public const string Thumbprint = "thumbprint";

    public static IEnumerable<string> Of(string document)
    {
        foreach (Match match in Attributes().Matches(document))
        {
            var (name, value) = (match.Groups[1].Value, match.Groups[3].Value.Trim());
            var element = ElementAround(document, match.Index);
            if (name == "thumbprint" && element != "authentication-certificate")
            {
                // Elsewhere a thumbprint is compared with, and needs no certificate.
                continue;
            }

            yield return value.Contains('@', StringComparison.Ordinal) || value.Contains('&', StringComparison.Ordinal) ? DocumentMentions.Any
                : name == "thumbprint" ? $"{Thumbprint}:{value}"
                : name == "issuer-certificate-id" || (element == "key" && !IsDecryption(document, match.Index)) ? $"{Public}:{value}"
                : $"{Key}:{value}";
        }

        foreach (Match match in Members().Matches(document))
        {
            yield return match.Groups[1].Success ? $"{Key}:{match.Groups[1].Value}" : DocumentMentions.Any;
        }
    }

    private static string ElementAround(string document, int index)
    {
        var last = Elements().Matches(document[..index]);
        return last.Count == 0 ? "" : last[^1].Groups[1].Value;
    }

    /// <summary>Keys that decrypt are private; those that check signatures are not.</summary>
    private static bool IsDecryption(string document, int index) =>
        document.LastIndexOf("<decryption-keys", index, StringComparison.Ordinal) > document.LastIndexOf("<issuer-signing-keys", index, StringComparison.Ordinal);

    [GeneratedRegex("""(?<![\w-])(certificate-id|issuer-certificate-id|thumbprint)\s*=\s*(["'])(.*?)\2""", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Attributes();

    [GeneratedRegex("""<([A-Za-z][\w-]*)""", RegexOptions.CultureInvariant)]
    private static partial Regex Elements();

    /// <summary><c>context.Deployment.Certificates["id"]</c> and the like, also with escaped quotes; the id is missing when it is computed.</summary>
    [GeneratedRegex("""\.\s*Certificates\b(?:\s*(?:\[|\.\s*(?:TryGetValue|ContainsKey|GetValueOrDefault)\s*\()\s*(?:"|&quot;)([^"&]*)(?:"|&quot;)\s*[\],)])?""", RegexOptions.CultureInvariant)]
    private static partial Regex Members();
}

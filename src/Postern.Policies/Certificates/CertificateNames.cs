using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Policies.Certificates;

/// <summary>Comparisons of what certificates are called, as people write it.</summary>
internal static class CertificateNames
{
    private const string CommonNameId = "2.5.4.3";

    public static bool IsName(string text) => Parse(text) is not null;

    /// <summary>Part by part, whatever their encoding; in the order of the certificate or the other way round.</summary>
    public static bool AreSame(X500DistinguishedName name, string text)
    {
        if (Parse(text) is not { } wanted)
        {
            return false;
        }

        var (mine, theirs) = (Parts(name), Parts(wanted));
        return mine.SequenceEqual(theirs) || mine.SequenceEqual(Enumerable.Reverse(theirs));
    }

    public static bool HasCommonName(X509Certificate2 certificate, string text) =>
        certificate.SubjectName.EnumerateRelativeDistinguishedNames().Any(part =>
            !part.HasMultipleElements && part.GetSingleElementType().Value == CommonNameId && Same(part.GetSingleElementValue() ?? "", text));

    public static bool HasDnsName(X509Certificate2 certificate, string text) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(names => names.EnumerateDnsNames()).Any(name => Same(name, text.Trim()));

    public static bool HasThumbprint(X509Certificate2 certificate, string text)
    {
        var wanted = Hexadecimal(text);
        return wanted.Length == 64
            ? Same(certificate.GetCertHashString(HashAlgorithmName.SHA256), wanted)
            : Same(certificate.Thumbprint, wanted);
    }

    public static bool HasSerialNumber(X509Certificate2 certificate, string text) =>
        Same(certificate.SerialNumber.TrimStart('0'), Hexadecimal(text).TrimStart('0'));

    private static X500DistinguishedName? Parse(string text)
    {
        try
        {
            return text.Trim().Length == 0 ? null : new X500DistinguishedName(text);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static List<string> Parts(X500DistinguishedName name) =>
    [
        .. name.EnumerateRelativeDistinguishedNames().Select(part => part.HasMultipleElements
            ? Convert.ToHexString(part.RawData.Span)
            : $"{part.GetSingleElementType().Value}={part.GetSingleElementValue()?.ToUpperInvariant()}"),
    ];

    /// <summary>Tools print blanks and colons between the digits, and an invisible mark in front.</summary>
    private static string Hexadecimal(string text) => string.Concat(text.Where(char.IsAsciiHexDigit));

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
}

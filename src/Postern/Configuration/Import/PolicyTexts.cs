using System.Text.RegularExpressions;

namespace Postern.Configuration.Import;

/// <summary>Policy documents as texts.</summary>
internal static partial class PolicyTexts
{
    /// <summary>
    /// The same document. Some services lay documents out anew (CRLF, tabs) when they save them: then white space between marks does not
    /// count, or nothing would ever be unchanged.
    /// </summary>
    public static bool Same(string folder, string service)
    {
        var (left, right) = (folder.Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd(), service.Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd());
        return left == right || (service.Contains("\r\n\t", StringComparison.Ordinal) && Folded(left) == Folded(right));
    }

    /// <summary>Named values that a text refers to, by display name.</summary>
    public static IEnumerable<string> NamedValues(string text) => Reference().Matches(text).Select(match => match.Groups[1].Value);

    private static string Folded(string text) => Around().Replace(Blank().Replace(text, " "), "$1");

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Blank();

    [GeneratedRegex(@" ?([<>]|/>) ?", RegexOptions.CultureInvariant)]
    private static partial Regex Around();

    [GeneratedRegex(@"\{\{([A-Za-z0-9\-._]+)\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}

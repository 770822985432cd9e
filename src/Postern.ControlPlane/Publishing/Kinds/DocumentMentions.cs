using System.Text.RegularExpressions;

namespace Postern.ControlPlane.Publishing.Kinds;

/// <summary>Finds the resources that a policy document mentions by an attribute.</summary>
internal static class DocumentMentions
{
    /// <summary>Stands for every name: the document computes one.</summary>
    public const string Any = "*";

    /// <param name="attribute">Such as <c>logger-id</c>.</param>
    public static IEnumerable<string> Of(string document, string attribute)
    {
        if (!document.Contains(attribute, StringComparison.Ordinal))
        {
            return [];
        }

        var pattern = $"""\b{Regex.Escape(attribute)}\s*=\s*(["'])(.*?)\1""";
        return Regex.Matches(document, pattern, RegexOptions.CultureInvariant | RegexOptions.Singleline).Select(match => Name(match.Groups[2].Value));
    }

    private static string Name(string value) =>
        value.Contains('@', StringComparison.Ordinal) || value.Contains("{{", StringComparison.Ordinal) || value.Contains('&', StringComparison.Ordinal) ? Any : value.Trim();
}

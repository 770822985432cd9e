using System.Text.RegularExpressions;

namespace Postern.Policies;

/// <summary>What counts as a reference to a named value in any text of a service: <c>{{name}}</c>, blanks allowed inside the braces.</summary>
public static partial class NamedValueReferences
{
    /// <summary>Display names, each once.</summary>
    public static IEnumerable<string> NamesIn(string text) => HasAny(text)
        ? Reference().Matches(text).Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal)
        : [];

    /// <summary>Puts the values in; a name that <paramref name="find"/> doesn't know stays as it is written, so that messages show it.</summary>
    public static string Fill(string text, Func<string, string?> find) => HasAny(text)
        ? Reference().Replace(text, match => find(match.Groups[1].Value) ?? match.Value)
        : text;

    internal static bool HasAny(string text) => text.Contains("{{", StringComparison.Ordinal);

    [GeneratedRegex(@"\{\{\s{0,8}([A-Za-z0-9._-]{1,256})\s{0,8}\}\}", RegexOptions.CultureInvariant, 1000)]
    internal static partial Regex Reference();
}

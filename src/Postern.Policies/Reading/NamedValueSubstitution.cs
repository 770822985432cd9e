using System.Text;
using System.Text.RegularExpressions;

namespace Postern.Policies.Reading;

/// <summary>
/// Puts named values into the text before anything else reads it, so a value may be a whole expression. Values are not
/// searched again. Inside a Liquid body <c>{{x}}</c> is Liquid's unless it names a named value to the letter.
/// </summary>
internal static partial class NamedValueSubstitution
{
    public static SourceText Apply(string text, IPolicyReferences references)
    {
        if (!NamedValueReferences.HasAny(text))
        {
            return new SourceText(text, text, [], []);
        }

        var result = new StringBuilder(text.Length);
        var substitutions = new List<Substitution>();
        var unknown = new List<(int Start, string Name)>();
        var lenient = LenientRanges(text);
        var copied = 0;
        foreach (var match in NamedValueReferences.Reference().EnumerateMatches(text))
        {
            var inner = text.AsSpan(match.Index + 2, match.Length - 4);
            var name = inner.Trim().ToString();
            var at = match.Index;
            var isLenient = lenient.Exists(range => at >= range.Start && at < range.End);
            var value = isLenient && inner.Length != name.Length ? null : references.FindNamedValue(name);
            if (value is null)
            {
                if (!isLenient)
                {
                    unknown.Add((result.Length + at - copied, name));
                }

                continue;
            }

            result.Append(text, copied, match.Index - copied);
            substitutions.Add(new(result.Length, value.Length, match.Index, match.Length, name));
            result.Append(value);
            copied = match.Index + match.Length;
        }

        result.Append(text, copied, text.Length - copied);
        return new SourceText(result.ToString(), text, substitutions, unknown);
    }

    /// <summary>Tells of the names that nobody knows.</summary>
    /// <param name="root">What the text was read into; null when it couldn't be.</param>
    public static void Report(SourceText text, PolicyElement? root, PolicyProblems problems)
    {
        foreach (var (at, name) in text.Unknown)
        {
            problems.Add(text, at, PolicyDiagnostics.UnknownNamedValue, ElementBefore(text.Text, at), $"Cannot find a property '{name}'", root?.At(at));
        }
    }

    /// <summary>Comments and Liquid templates: an unknown name there is not an error.</summary>
    private static List<(int Start, int End)> LenientRanges(string text)
    {
        var ranges = new List<(int, int)>();
        foreach (var match in Comment().EnumerateMatches(text))
        {
            ranges.Add((match.Index, match.Index + match.Length));
        }

        foreach (var match in LiquidBody().EnumerateMatches(text))
        {
            var name = char.ToLowerInvariant(text[match.Index + 1]) switch { 's' => "set-body", 'p' => "publish-to-dapr", _ => "invoke-dapr-binding" };
            var end = text.IndexOf($"</{name}", match.Index, StringComparison.Ordinal);
            ranges.Add((match.Index, end < 0 ? text.Length : end));
        }

        return ranges;
    }

    private static string ElementBefore(string text, int offset)
    {
        for (var i = Math.Min(offset, text.Length - 1); i > 0; i--)
        {
            if (text[i - 1] == '<' && (char.IsLetter(text[i]) || text[i] == '_'))
            {
                var end = i;
                while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '-' or '_' or '.' or ':'))
                {
                    end++;
                }

                return text[i..end];
            }
        }

        return "";
    }

    [GeneratedRegex("<!--.*?-->", RegexOptions.Singleline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"<(?:set-body|publish-to-dapr|invoke-dapr-binding)\s[^<>]{0,400}template\s*=\s*[""']liquid[""']", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex LiquidBody();
}

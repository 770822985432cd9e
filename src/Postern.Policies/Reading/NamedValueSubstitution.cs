using System.Text;
using System.Text.RegularExpressions;

namespace Postern.Policies.Reading;

/// <summary>
/// Puts named values into the text before anything else reads it, so a value may be a whole expression. Values are not
/// searched again. Inside a Liquid body <c>{{x}}</c> is Liquid's unless it names a named value exactly.
/// </summary>
internal static partial class NamedValueSubstitution
{
    public static SourceText Apply(string text, IPolicyReferences references, PolicyProblems problems)
    {
        if (!text.Contains("{{", StringComparison.Ordinal))
        {
            return new SourceText(text, text, []);
        }

        var result = new StringBuilder(text.Length);
        var substitutions = new List<Substitution>();
        var unknown = new List<(int Start, string Name)>();
        var lenient = LenientRanges(text);
        var copied = 0;
        foreach (var match in Reference().EnumerateMatches(text))
        {
            var name = text.AsSpan(match.Index + 2, match.Length - 4).Trim().ToString();
            var value = references.FindNamedValue(name);
            var at = match.Index;
            if (value is null)
            {
                if (!lenient.Exists(range => at >= range.Start && at < range.End))
                {
                    unknown.Add((at, name));
                }

                continue;
            }

            result.Append(text, copied, match.Index - copied);
            substitutions.Add(new(result.Length, value.Length, match.Index, match.Length, name));
            result.Append(value);
            copied = match.Index + match.Length;
        }

        foreach (var (start, name) in unknown)
        {
            problems.AddAt(text, start, PolicyDiagnostics.UnknownNamedValue, ElementBefore(text, start), $"Cannot find a property '{name}'");
        }

        result.Append(text, copied, text.Length - copied);
        return new SourceText(result.ToString(), text, substitutions);
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

    [GeneratedRegex(@"\{\{\s{0,8}[A-Za-z0-9._-]{1,256}\s{0,8}\}\}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Reference();

    [GeneratedRegex("<!--.*?-->", RegexOptions.Singleline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"<(?:set-body|publish-to-dapr|invoke-dapr-binding)\s[^<>]{0,400}template\s*=\s*[""']liquid[""']", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex LiquidBody();
}

using System.Text.RegularExpressions;

namespace Postern.ControlPlane.Publishing;

/// <summary>Texts with <c>{{name}}</c> in them.</summary>
internal static partial class NamedValueText
{
    /// <summary>Puts named values in; one that does not exist stays as it is written, so that the gateway's error shows its name.</summary>
    public static string Fill(string text, Func<string, string?> namedValue) => text.Contains("{{", StringComparison.Ordinal)
        ? Reference().Replace(text, match => namedValue(match.Groups[1].Value) ?? match.Value)
        : text;

    [GeneratedRegex(@"\{\{([A-Za-z0-9\-._]+)\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}

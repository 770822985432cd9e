using System.Globalization;
using System.Text.RegularExpressions;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

/// <summary>Checks one text against the schema of a parameter or header.</summary>
internal static class ValueSchemaRules
{
    /// <returns>What does not fit; null when all does.</returns>
    public static string? Check(string text, ValueSchema schema)
    {
        var problem = schema.Type switch
        {
            "integer" => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? null : "Expected an integer.",
            "number" => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? null : "Expected a number.",
            "boolean" => text is "true" or "false" ? null : "Expected a boolean.",
            _ => null,
        };
        if (problem is not null)
        {
            return problem;
        }

        if (schema.Type is "integer" or "number" && double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) is var number)
        {
            if (number < schema.Minimum || number > schema.Maximum)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{text} is out of range.");
            }
        }

        return schema.Allowed is { } allowed && !allowed.Contains(text) ? $"Expected one of: {string.Join(", ", allowed)}."
            : text.Length < schema.MinLength ? "The text is too short."
            : text.Length > schema.MaxLength ? "The text is too long."
            : schema.Pattern is { } pattern && !Matches(text, pattern) ? "The text does not match the pattern."
            : null;
    }

    /// <summary>Patterns come from API definitions; one that takes too long fits nothing.</summary>
    private static bool Matches(string text, string pattern)
    {
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.ECMAScript, TimeSpan.FromSeconds(1));
        }
        catch (Exception problem) when (problem is RegexMatchTimeoutException or ArgumentException)
        {
            return false;
        }
    }
}

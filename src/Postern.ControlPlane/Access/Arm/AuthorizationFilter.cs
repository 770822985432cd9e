using System.Text.RegularExpressions;

namespace Postern.ControlPlane.Access.Arm;

/// <summary>
/// <c>$filter</c> of this namespace: conditions joined by <c>and</c>. <c>atScope()</c>, <c>atScopeAndBelow()</c>, <c>assignedTo('id')</c> and
/// comparisons <c>name eq 'text'</c>.
/// </summary>
/// <param name="Equal">Names in lower case.</param>
internal sealed partial record AuthorizationFilter(bool AtScope, bool AtScopeAndBelow, string? AssignedTo, IReadOnlyDictionary<string, string> Equal)
{
    private static readonly AuthorizationFilter None = new(false, false, null, new Dictionary<string, string>());

    /// <param name="fields">Names that may be compared, in lower case.</param>
    /// <param name="functions">Functions that may be called, in lower case.</param>
    /// <returns>Null when the filter says something else.</returns>
    public static AuthorizationFilter? Parse(string? text, IReadOnlyCollection<string> fields, IReadOnlyCollection<string> functions)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return None;
        }

        if (text.Length > 2048)
        {
            return null;
        }

        bool atScope = false, below = false;
        string? assignedTo = null;
        var equal = new Dictionary<string, string>(StringComparer.Ordinal);
        var position = 0;
        while (true)
        {
            var match = Condition().Match(text, position);
            if (!match.Success)
            {
                return null;
            }

            position += match.Length;
            var value = match.Groups["value"].Value.Replace("''", "'", StringComparison.Ordinal);
            if (match.Groups["function"] is { Success: true } function)
            {
                switch (function.Value.ToLowerInvariant())
                {
                    case "atscope" when !match.Groups["value"].Success:
                        atScope = true;
                        break;
                    case "atscopeandbelow" when !match.Groups["value"].Success:
                        below = true;
                        break;
                    case "assignedto" when match.Groups["value"].Success:
                        assignedTo = value;
                        break;
                    default:
                        return null;
                }

                if (!functions.Contains(function.Value.ToLowerInvariant()))
                {
                    return null;
                }
            }
            else
            {
                var field = match.Groups["field"].Value.ToLowerInvariant();
                if (!fields.Contains(field) || !equal.TryAdd(field, value))
                {
                    return null;
                }
            }

            if (position == text.Length)
            {
                return new(atScope, below, assignedTo, equal);
            }

            var and = And().Match(text, position);
            if (!and.Success)
            {
                return null;
            }

            position += and.Length;
        }
    }

    [GeneratedRegex(@"\G\s*(?:(?<function>[A-Za-z]+)\(\s*(?:'(?<value>(?:[^']|'')*)')?\s*\)|(?<field>[A-Za-z]+)\s+eq\s+(?:'(?<value>(?:[^']|'')*)'|(?<value>[0-9A-Za-z-]+)))\s*", RegexOptions.ExplicitCapture)]
    private static partial Regex Condition();

    [GeneratedRegex(@"\Gand\b", RegexOptions.IgnoreCase)]
    private static partial Regex And();
}

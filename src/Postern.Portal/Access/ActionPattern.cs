namespace Postern.Portal.Access;

/// <summary>Role actions with <c>*</c> for any run of characters, compared without regard to case.</summary>
internal static class ActionPattern
{
    public static bool Matches(string pattern, string action)
    {
        var parts = pattern.Split('*');
        if (parts.Length == 1)
        {
            return pattern.Equals(action, StringComparison.OrdinalIgnoreCase);
        }

        if (!action.StartsWith(parts[0], StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var at = parts[0].Length;
        foreach (var part in parts[1..^1])
        {
            var found = action.IndexOf(part, at, StringComparison.OrdinalIgnoreCase);
            if (found < 0)
            {
                return false;
            }

            at = found + part.Length;
        }

        return action.Length - at >= parts[^1].Length && action.EndsWith(parts[^1], StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What the patterns grant without what is taken out again, both within one permission.</summary>
    public static bool Grants(IReadOnlyList<string>? patterns, IReadOnlyList<string>? exceptions, string action) =>
        (patterns ?? []).Any(pattern => Matches(pattern, action)) && !(exceptions ?? []).Any(pattern => Matches(pattern, action));
}

namespace Postern.ControlPlane.Access.Rbac;

/// <summary>
/// The patterns of role definitions: <c>*</c> stands for any run of characters, slashes included, anywhere and more than once;
/// everything else is compared without regard to case.
/// </summary>
internal static class ActionPattern
{
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> action)
    {
        // Greedy with one remembered star: linear for ordinary patterns, never exponential.
        int p = 0, a = 0, star = -1, resume = 0;
        while (a < action.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = a;
            }
            else if (p < pattern.Length && char.ToUpperInvariant(pattern[p]) == char.ToUpperInvariant(action[a]))
            {
                p++;
                a++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                a = ++resume;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
        {
            p++;
        }

        return p == pattern.Length;
    }

    public static string? FirstMatch(IReadOnlyList<string> patterns, string action)
    {
        foreach (var pattern in patterns)
        {
            if (Matches(pattern, action))
            {
                return pattern;
            }
        }

        return null;
    }
}

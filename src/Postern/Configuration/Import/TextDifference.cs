namespace Postern.Configuration.Import;

/// <summary>What differs between two texts, line by line.</summary>
internal static class TextDifference
{
    /// <summary>Longer texts are compared from their equal beginning and end only.</summary>
    private const int MostLines = 2000;

    /// <returns>Removed lines with <c>-</c>, added ones with <c>+</c> before them, in the order of the text.</returns>
    public static IReadOnlyList<string> Of(string before, string after)
    {
        var (old, now) = (Lines(before), Lines(after));
        var start = 0;
        while (start < old.Length && start < now.Length && old[start] == now[start])
        {
            start++;
        }

        var end = 0;
        while (end < old.Length - start && end < now.Length - start && old[^(end + 1)] == now[^(end + 1)])
        {
            end++;
        }

        var (left, right) = (old[start..^end], now[start..^end]);
        return left.Length > MostLines || right.Length > MostLines
            ? [.. left.Select(line => $"- {line}"), .. right.Select(line => $"+ {line}")]
            : Compare(left, right);
    }

    /// <summary>By the longest common subsequence.</summary>
    private static List<string> Compare(string[] left, string[] right)
    {
        var common = new int[left.Length + 1, right.Length + 1];
        for (var i = left.Length - 1; i >= 0; i--)
        {
            for (var j = right.Length - 1; j >= 0; j--)
            {
                common[i, j] = left[i] == right[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        var result = new List<string>();
        for (var (i, j) = (0, 0); i < left.Length || j < right.Length;)
        {
            if (i < left.Length && j < right.Length && left[i] == right[j])
            {
                (i, j) = (i + 1, j + 1);
            }
            else if (i < left.Length && (j == right.Length || common[i + 1, j] >= common[i, j + 1]))
            {
                result.Add($"- {left[i++]}");
            }
            else
            {
                result.Add($"+ {right[j++]}");
            }
        }

        return result;
    }

    private static string[] Lines(string text) => text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
}

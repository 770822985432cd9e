namespace Postern.Policies.Reading;

/// <summary>Finds what somebody probably meant.</summary>
internal static class NearestName
{
    /// <returns>Text such as <c> Did you mean 'set-header'?</c>, or nothing when no name is near.</returns>
    public static string Suggest(string name, IEnumerable<string> known)
    {
        var best = "";
        var distance = Math.Max(2, name.Length / 3) + 1;
        foreach (var candidate in known)
        {
            var d = Math.Abs(candidate.Length - name.Length) >= distance ? int.MaxValue : Distance(name, candidate);
            if (d < distance)
            {
                (best, distance) = (candidate, d);
            }
        }

        return best.Length == 0 ? "" : $" Did you mean '{best}'?";
    }

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                var same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (same ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}

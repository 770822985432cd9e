namespace Postern.Gateway.Settings;

/// <summary>
/// Reads settings in the form of Docker's <c>--env-file</c>: one <c>NAME=value</c> a line, <c>#</c> begins a comment line, blank lines are
/// skipped, the value is everything after the first <c>=</c> as it stands (no quotes, no escapes, no continuation).
/// </summary>
public static class SettingsFile
{
    /// <exception cref="FormatException">A line has no <c>=</c> or no name; the message names the line.</exception>
    public static IReadOnlyDictionary<string, string> Parse(string text)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        var number = 0;
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            number++;
            var line = raw.TrimStart();
            if (number == 1)
            {
                line = line.TrimStart('\uFEFF');
            }

            if (line.IsEmpty || line[0] == '#')
            {
                continue;
            }

            var separator = line.IndexOf('=');
            if (separator <= 0)
            {
                throw new FormatException($"G204: line {number} of the settings file is not of the form NAME=value.");
            }

            var name = line[..separator];
            if (name.ContainsAny(" \t"))
            {
                throw new FormatException($"G204: line {number} of the settings file has a blank in the name '{name}'.");
            }

            settings[name.ToString()] = line[(separator + 1)..].ToString();
        }

        return settings;
    }

    /// <exception cref="FormatException">See <see cref="Parse"/>.</exception>
    public static IReadOnlyDictionary<string, string> Read(string path) => Parse(File.ReadAllText(path));
}

using Postern.Gateway.Settings;

namespace Postern.Commands;

/// <summary>Settings of a role from the environment and, over it, a file in Docker's env-file form.</summary>
internal sealed class RoleSettings
{
    private RoleSettings(IReadOnlyDictionary<string, string> values) => Values = values;

    /// <summary>All of them, by their exact names.</summary>
    public IReadOnlyDictionary<string, string> Values { get; }

    /// <param name="file">Null: the environment alone.</param>
    /// <exception cref="FormatException">A line that is not <c>NAME=value</c>; the message has its number.</exception>
    public static RoleSettings Read(FileInfo? file)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            values[(string)variable.Key] = (string?)variable.Value ?? "";
        }

        foreach (var (name, value) in file is null ? new Dictionary<string, string>() : SettingsFile.Read(file.FullName))
        {
            values[name] = value;
        }

        return new(values);
    }

    public string? Find(string name) => Values.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <exception cref="FormatException">The setting is absent.</exception>
    public string Require(string name, string meaning) => Find(name) ?? throw new FormatException($"The setting '{name}' is needed: {meaning}.");

    /// <summary>Values separated by commas or blanks; empty when absent.</summary>
    public IReadOnlyList<string> List(string name) =>
        Find(name)?.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}

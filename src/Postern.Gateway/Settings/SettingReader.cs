using System.Globalization;

namespace Postern.Gateway.Settings;

/// <summary>Reads typed values by name and collects what is wrong, so that all mistakes are told at once.</summary>
internal sealed class SettingReader(IReadOnlyDictionary<string, string> values)
{
    private readonly List<SettingProblem> _problems = [];

    public IReadOnlyList<SettingProblem> Problems => _problems;

    /// <summary>Null when absent or blank: charts and ConfigMaps leave unused settings empty.</summary>
    public string? Text(string name) => values.TryGetValue(name, out var value) && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

    public bool Flag(string name, bool otherwise)
    {
        var text = Text(name);
        if (text is null)
        {
            return otherwise;
        }

        return bool.TryParse(text, out var value) ? value : Refuse(name, text, "true or false", otherwise);
    }

    public int Port(string name, int otherwise)
    {
        var text = Text(name);
        if (text is null)
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value is > 0 and < 65536
            ? value
            : Refuse(name, text, "a port from 1 to 65535", otherwise);
    }

    public double Fraction(string name, double otherwise)
    {
        var text = Text(name);
        if (text is null)
        {
            return otherwise;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 1
            ? value
            : Refuse(name, text, "a number from 0 to 1", otherwise);
    }

    public int Number(string name, int otherwise, int least, int most)
    {
        var text = Text(name);
        if (text is null)
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : Refuse(name, text, $"a number from {least} to {most}", otherwise);
    }

    /// <summary>A number of bytes, or of <c>KiB</c>, <c>MiB</c> or <c>GiB</c>.</summary>
    public long Bytes(string name, long otherwise, long most)
    {
        var text = Text(name);
        if (text is null)
        {
            return otherwise;
        }

        var (number, unit) = text switch
        {
            [.. var digits, 'K', 'i', 'B'] => (digits, 1024L),
            [.. var digits, 'M', 'i', 'B'] => (digits, 1024L * 1024),
            [.. var digits, 'G', 'i', 'B'] => (digits, 1024L * 1024 * 1024),
            _ => (text, 1L),
        };
        return long.TryParse(number.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= most / unit
            ? value * unit
            : Refuse(name, text, $"bytes, such as 1048576, 512KiB or 64MiB, at most {most}", otherwise);
    }

    public TimeSpan Duration(string name, TimeSpan otherwise)
    {
        var text = Text(name);
        if (text is null)
        {
            return otherwise;
        }

        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) && value > TimeSpan.Zero && value <= TimeSpan.FromDays(1)
            ? value
            : Refuse(name, text, "a time of the form hh:mm:ss, more than zero and at most a day", otherwise);
    }

    public T OneOf<T>(string name, T otherwise)
        where T : struct, Enum
    {
        var text = Text(name);
        if (text is null)
        {
            return otherwise;
        }

        foreach (var value in Enum.GetValues<T>())
        {
            if (string.Equals(value.ToString(), text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return Refuse(name, text, "one of " + string.Join(", ", Enum.GetNames<T>().Select(value => char.ToLowerInvariant(value[0]) + value[1..])), otherwise);
    }

    public IReadOnlyList<double> Numbers(string name, IReadOnlyList<double> otherwise)
    {
        var text = Text(name);
        if (text is null)
        {
            return otherwise;
        }

        var numbers = new List<double>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!double.TryParse(part, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                || (numbers.Count > 0 && number <= numbers[^1]))
            {
                return Refuse(name, text, "a comma-separated list of growing numbers, in milliseconds", otherwise);
            }

            numbers.Add(number);
        }

        return numbers;
    }

    public Uri? HttpsAddress(string name, bool allowBareHost)
    {
        var text = Text(name);
        if (text is null)
        {
            return null;
        }

        var address = allowBareHost && !text.Contains("://", StringComparison.Ordinal) ? "https://" + text : text;
        if (Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.Query.Length == 0 && uri.UserInfo.Length == 0)
        {
            return new Uri(uri.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/");
        }

        Refuse(name, text, allowBareHost ? "a host name or an https:// address" : "an https:// address", 0);
        return null;
    }

    public void Add(string id, string name, string message) => _problems.Add(new(id, name, message));

    private T Refuse<T>(string name, string text, string accepted, T otherwise)
    {
        var shown = KnownSettings.IsSecret(name) ? "the given value" : $"'{text}'";
        Add("G201", name, $"{shown} is not accepted; give {accepted}.");
        return otherwise;
    }
}

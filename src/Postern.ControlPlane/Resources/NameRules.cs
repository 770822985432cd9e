using System.Text.RegularExpressions;

namespace Postern.ControlPlane.Resources;

/// <summary>Which names a kind allows, beside what every path segment must be.</summary>
/// <param name="Most">Characters.</param>
/// <param name="Pattern">Null when any character will do.</param>
internal sealed partial record NameRules(int Most, Regex? Pattern = null, string? Only = null)
{
    /// <summary>Up to 80 characters, none of <c>* # &amp; + : &lt; &gt; ?</c>.</summary>
    public static NameRules Ordinary { get; } = new(80, OrdinaryPattern());

    public static NameRules Long { get; } = new(256, OrdinaryPattern());

    public static NameRules Service { get; } = new(50, ServicePattern());

    public static NameRules ResourceGroup { get; } = new(90, GroupPattern());

    public static NameRules Fragment { get; } = new(80, FragmentPattern());

    public static NameRules Exactly(string name) => new(80, null, name);

    public string? Problem(string name) =>
        Only is not null && !string.Equals(name, Only, StringComparison.OrdinalIgnoreCase) ? $"The only name allowed here is '{Only}'."
        : name.Length > Most ? $"The name '{name}' is longer than {Most} characters."
        : Pattern is not null && !Pattern.IsMatch(name) ? $"The name '{name}' must match {Pattern}."
        : null;

    [GeneratedRegex("^[^*#&+:<>?]+$", RegexOptions.CultureInvariant)]
    private static partial Regex OrdinaryPattern();

    [GeneratedRegex("^[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex ServicePattern();

    [GeneratedRegex(@"^[-\w\._\(\)]+$", RegexOptions.CultureInvariant)]
    private static partial Regex GroupPattern();

    [GeneratedRegex(@"^(\w+|\w[\w-]+\w)$", RegexOptions.CultureInvariant)]
    private static partial Regex FragmentPattern();
}

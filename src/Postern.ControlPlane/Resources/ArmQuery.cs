using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Postern.ControlPlane.Resources;

/// <summary>The query of a management call. Names in any case; empty values count as absent (clients send <c>$filter=</c>).</summary>
internal sealed class ArmQuery(IQueryCollection query)
{
    public string? this[string name] => query.TryGetValue(name, out var values) && values.Count > 0 && values[^1] is { Length: > 0 } text ? text : null;

    public string? ApiVersion => this["api-version"];

    public string? Filter => this["$filter"];

    public bool IsTrue(string name) => string.Equals(this[name], "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>An integer of at least <paramref name="least"/>, <paramref name="absent"/> when not given, null when malformed.</summary>
    public int? Integer(string name, int least, int absent) =>
        this[name] is not { } text ? absent
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least ? value
        : null;

    /// <summary>All parameters but the named ones, for a link to another page.</summary>
    public IEnumerable<KeyValuePair<string, string>> Except(params string[] names) =>
        from parameter in query
        where !names.Contains(parameter.Key, StringComparer.OrdinalIgnoreCase)
        from value in parameter.Value
        select new KeyValuePair<string, string>(parameter.Key, value ?? "");
}

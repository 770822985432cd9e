using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Postern.Policies.Runtime;

namespace Postern.Policies.Expressions;

/// <summary>Headers as a dictionary of arrays; names without regard to case. Nothing is copied until a value is asked for.</summary>
internal sealed class HeaderView(PolicyMessage message) : IReadOnlyDictionary<string, string[]>
{
    public int Count => message.Headers.Count;

    public IEnumerable<string> Keys => message.Headers.Keys;

    public IEnumerable<string[]> Values => message.Headers.Select(header => Strings(header.Value));

    public string[] this[string key] =>
        TryGetValue(key, out var values) ? values : throw new KeyNotFoundException($"The header '{key}' is not present.");

    /// <summary>All values in one line; null when there is no such header. One value costs nothing.</summary>
    public string? Line(string name) => message.Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    public bool ContainsKey(string key) => message.Headers.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string[] value)
    {
        var found = message.Headers.TryGetValue(key, out var values);
        value = found ? Strings(values) : null;
        return found;
    }

    public IEnumerator<KeyValuePair<string, string[]>> GetEnumerator() =>
        message.Headers.Select(header => new KeyValuePair<string, string[]>(header.Key, Strings(header.Value))).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static string[] Strings(Microsoft.Extensions.Primitives.StringValues values) => [.. values.Select(value => value ?? "")];
}

namespace Postern.Policies.BuiltIn;

/// <summary>
/// A query cut at every <c>&amp;</c>, each part as the caller wrote it: what a policy does not change stays so to the letter, <c>?flag</c> without
/// a value too.
/// </summary>
/// <param name="query">With or without the <c>?</c>.</param>
internal ref struct WrittenParameters(ReadOnlySpan<char> query)
{
    private ReadOnlySpan<char> _rest = query is ['?', ..] ? query[1..] : query;

    public ReadOnlySpan<char> Current { get; private set; }

    /// <summary>A name as it is meant.</summary>
    public static string NameOf(ReadOnlySpan<char> written)
    {
        var name = Name(written);
        return name.ContainsAny('%', '+') ? Uri.UnescapeDataString(name.ToString().Replace('+', ' ')) : name.ToString();
    }

    public static bool IsNamed(ReadOnlySpan<char> written, string name) =>
        Name(written).ContainsAny('%', '+') ? NameOf(written).Equals(name, StringComparison.OrdinalIgnoreCase) : Name(written).Equals(name, StringComparison.OrdinalIgnoreCase);

    public readonly WrittenParameters GetEnumerator() => this;

    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            var cut = _rest.IndexOf('&');
            Current = cut < 0 ? _rest : _rest[..cut];
            _rest = cut < 0 ? [] : _rest[(cut + 1)..];
            if (!Current.IsEmpty)
            {
                return true;
            }
        }

        return false;
    }

    private static ReadOnlySpan<char> Name(ReadOnlySpan<char> written) => written.IndexOf('=') is >= 0 and var equals ? written[..equals] : written;
}

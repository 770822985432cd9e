namespace Postern.Gateway.Routing;

/// <summary>Reads single parameters out of a query string without building a collection.</summary>
internal static class QueryText
{
    /// <summary>Finds the first parameter of that name (case-insensitive, as the product compares them); the value is still escaped.</summary>
    public static bool TryFind(ReadOnlySpan<char> query, ReadOnlySpan<char> name, out Range value)
    {
        var position = query.Length > 0 && query[0] == '?' ? 1 : 0;
        while (position < query.Length)
        {
            var rest = query[position..];
            var length = rest.IndexOf('&');
            var pair = length < 0 ? rest : rest[..length];
            var equals = pair.IndexOf('=');
            var key = equals < 0 ? pair : pair[..equals];
            if (Same(key, name))
            {
                var start = equals < 0 ? position + pair.Length : position + equals + 1;
                value = start..(position + pair.Length);
                return true;
            }

            position += pair.Length + 1;
        }

        value = default;
        return false;
    }

    /// <summary>Decodes <c>%xx</c> and <c>+</c>.</summary>
    public static string Decode(ReadOnlySpan<char> value)
    {
        if (value.IndexOfAny('%', '+') < 0)
        {
            return value.ToString();
        }

        return Uri.UnescapeDataString(value.ToString().Replace('+', ' '));
    }

    private static bool Same(ReadOnlySpan<char> key, ReadOnlySpan<char> name) =>
        key.Equals(name, StringComparison.OrdinalIgnoreCase)
        || (key.IndexOfAny('%', '+') >= 0 && Decode(key).AsSpan().Equals(name, StringComparison.OrdinalIgnoreCase));
}

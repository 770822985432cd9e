using System.Buffers;
using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;
using Postern.Policies.Expressions;

namespace Postern.Policies.BuiltIn;

/// <summary>What header names and values may be, and how several values go together.</summary>
internal static class HeaderRules
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Of names, addresses and ports; nothing that ends a host or begins credentials in an address.</summary>
    private static readonly SearchValues<char> HostCharacters =
        SearchValues.Create("-._~:[]0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> BadInValues = SearchValues.Create("\r\n\0");

    /// <summary>Headers whose values hold commas, or may not be listed: one line each.</summary>
    private static readonly FrozenSet<string> OnLinesOfTheirOwn = new[]
    {
        "User-Agent", "WWW-Authenticate", "Proxy-Authenticate", "Cookie", "Set-Cookie", "Warning", "Date", "Expires",
        "If-Modified-Since", "If-Unmodified-Since", "Last-Modified", "Retry-After",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Headers that belong to the connection: policies can't change them.</summary>
    private static readonly FrozenSet<string> Framed =
        new[] { "Connection", "Content-Length", "Keep-Alive", "Transfer-Encoding" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static bool IsName(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(NameCharacters);

    public static bool IsValue(string value) => !value.AsSpan().ContainsAny(BadInValues);

    public static bool IsHost(string value) => value.Trim() is { Length: > 0 and <= 260 } host && !host.AsSpan().ContainsAnyExcept(HostCharacters);

    public static bool IsFramed(string name) => Framed.Contains(name);

    /// <exception cref="ExpressionFailedException">It is not a name.</exception>
    public static string CheckName(string name) => IsName(name) ? name : throw Unfit("The text is not a header name.");

    /// <exception cref="ExpressionFailedException">It is not a name or address, perhaps with a port.</exception>
    public static string CheckHost(string value) => IsHost(value) ? value.Trim() : throw Unfit("The value of Host is not a name or address.");

    /// <summary>Trims; refuses what would begin another header.</summary>
    /// <exception cref="ExpressionFailedException">The value has a line break.</exception>
    public static string CheckValue(string value)
    {
        value = value.Trim();
        return IsValue(value) ? value : throw Unfit("A header value may not contain line breaks.");
    }

    /// <summary>Constants were checked at load, so only an expression's result comes here.</summary>
    private static ExpressionFailedException Unfit(string message) => new(new InvalidOperationException(message));

    public static StringValues Join(string name, string[] values) =>
        values.Length <= 1 ? new StringValues(values.Length == 0 ? "" : values[0])
        : OnLinesOfTheirOwn.Contains(name) ? new StringValues(values)
        : new StringValues(string.Join(",", values));
}

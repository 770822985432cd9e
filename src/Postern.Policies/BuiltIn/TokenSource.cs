using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

/// <summary>Where a policy takes the token from: header, query parameter, or an expression.</summary>
internal sealed record TokenSource(Value<string>? Header, Value<string>? Query, Value<string>? Token, Value<string>? Scheme)
{
    /// <returns>Null when there is none.</returns>
    public string? Find(PolicyContext context)
    {
        if (Token is not null)
        {
            return NullIfEmpty(Token.Get(context));
        }

        if (Query is not null)
        {
            return context.Expression.Request.Url.Query.TryGetValue(Query.Get(context), out var values) ? NullIfEmpty(string.Join(',', values)) : null;
        }

        var name = Header!.Get(context);
        if (NullIfEmpty(context.Request.Headers[name].ToString()) is not { } text)
        {
            return null;
        }

        return name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) ? WithoutScheme(text, Scheme?.Get(context)) : text;
    }

    /// <summary>A scheme that is demanded must be there; one that is not demanded may be.</summary>
    private static string? WithoutScheme(string text, string? scheme)
    {
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        if (!string.IsNullOrEmpty(scheme))
        {
            return space == scheme.Length && text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? NullIfEmpty(text[space..]) : null;
        }

        return space < 0 ? text : NullIfEmpty(text[space..]);
    }

    private static string? NullIfEmpty(string text) => text.Trim() is { Length: > 0 } trimmed ? trimmed : null;
}

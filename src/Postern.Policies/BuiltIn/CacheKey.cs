using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

/// <summary>
/// Under what a response is kept: API and revision, operation, address, where it came from, and what the policy says it varies by. Hashed,
/// because header values and query parameters may be secrets and have any length.
/// </summary>
internal static class CacheKey
{
    /// <summary>Parts are told apart by a character that none of them can hold, so that no two requests share a key by their wording.</summary>
    private const char Between = '\n';

    /// <summary>Parameter names of the <c>vary-by-query-parameter</c> elements; null when all count.</summary>
    public static HashSet<string>? Names(IReadOnlyList<string> elements)
    {
        var names = elements.SelectMany(text => text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        return names.Count == 0 ? null : names;
    }

    /// <returns>Of a fixed length: <c>response/</c> and 64 hex digits.</returns>
    public static string Of(PolicyContext context, HashSet<string>? parameters, IReadOnlyList<string> headers, bool byUser, bool byGroups)
    {
        var url = context.Request.OriginalUrl;
        var target = context.Request.Backend;
        var key = new StringBuilder();
        Add("api", context.Api is { } api ? $"{api.Id};rev={api.Revision}" : "");
        Add("operation", context.Operation?.Id);

        // The host, because responses may name it and callers choose it; not the port, so that gateways beside each other share what they keep.
        Add("host", url.Host.ToLowerInvariant());
        Add("path", url.Path);
        Add("from", target.BackendId ?? target.Base?.OriginalString);
        Add("target", target.Path);
        foreach (var (name, value) in Pairs(url.Query, parameters).OrderBy(pair => pair.Name, StringComparer.Ordinal))
        {
            Add("?" + name, value);
        }

        foreach (var header in headers)
        {
            Add("header", header);
            foreach (var value in context.Request.Headers[header])
            {
                Add("value", value);
            }
        }

        if (byUser)
        {
            Add("user", context.User?.Id);
        }

        if (byGroups)
        {
            foreach (var group in (context.User?.Groups ?? []).Select(group => group.Id).Order(StringComparer.Ordinal))
            {
                Add("group", group);
            }
        }

        return $"response/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.ToString())))}";

        void Add(string what, string? value) => key.Append(Uri.EscapeDataString(what)).Append(':').Append(Uri.EscapeDataString(value ?? "")).Append(Between);
    }

    private static List<(string Name, string Value)> Pairs(string query, HashSet<string>? wanted)
    {
        var pairs = new List<(string Name, string Value)>();
        foreach (var pair in new QueryStringEnumerable(query))
        {
            var name = pair.DecodeName().ToString();
            if (wanted is null || wanted.Contains(name))
            {
                pairs.Add((name, pair.DecodeValue().ToString()));
            }
        }

        return pairs;
    }
}

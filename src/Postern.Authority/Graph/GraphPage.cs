using System.Globalization;
using System.Text.Json.Nodes;

namespace Postern.Authority.Graph;

/// <summary>Answers with a list, a page at a time: <c>$top</c>, <c>$skiptoken</c>, <c>$count</c>, <c>$select</c>.</summary>
internal static class GraphPage
{
    private const int DefaultSize = 100;
    private const int MaxSize = 999;

    /// <param name="items">In any order; pages are by object id, so that a change meanwhile neither repeats nor skips the others.</param>
    public static GraphAnswer Of<T>(GraphCall call, string origin, string kind, IEnumerable<T> items, Func<T, string> id, Func<T, JsonObject> contract)
    {
        var size = DefaultSize;
        if (call.Query("$top") is { } top && (!int.TryParse(top, NumberStyles.None, CultureInfo.InvariantCulture, out size) || size is 0 or > MaxSize))
        {
            return GraphError.BadRequest($"$top must be a number from 1 to {MaxSize}.");
        }

        var all = items.OrderBy(id, StringComparer.OrdinalIgnoreCase).ToList();
        var after = call.Query("$skiptoken");
        var left = after is null ? all : all.Where(item => string.Compare(id(item), after, StringComparison.OrdinalIgnoreCase) > 0);
        var page = left.Take(size + 1).ToList();

        var answer = new JsonObject { ["@odata.context"] = $"{origin}/v1.0/$metadata#{kind}" };
        if (call.Query("$count") == "true")
        {
            answer["@odata.count"] = all.Count;
        }

        if (page.Count > size)
        {
            page.RemoveAt(size);
            answer["@odata.nextLink"] = NextLink(call, origin, id(page[^1]));
        }

        answer["value"] = new JsonArray([.. page.Select(item => Select(call, contract(item)))]);
        return answer;
    }

    /// <summary>The object, less what wasn't asked for.</summary>
    public static JsonObject Select(GraphCall call, JsonObject item)
    {
        if (call.Query("$select") is not { } select)
        {
            return item;
        }

        var wanted = select.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        foreach (var name in item.Select(property => property.Key).Where(name => !wanted.Contains(name) && name[0] != '@').ToList())
        {
            item.Remove(name);
        }

        return item;
    }

    private static string NextLink(GraphCall call, string origin, string last)
    {
        var query = call.Context.Request.Query
            .Where(parameter => parameter.Key != "$skiptoken")
            .Select(parameter => $"{Uri.EscapeDataString(parameter.Key)}={Uri.EscapeDataString(parameter.Value.ToString())}")
            .Append($"$skiptoken={Uri.EscapeDataString(last)}");
        return $"{origin}{call.Context.Request.Path.ToUriComponent()}?{string.Join('&', query)}";
    }
}

using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources;

/// <summary>A parsed <c>$orderby</c>: members, each with <c>asc</c> or <c>desc</c>, in the order of their weight. Text is compared without regard to case.</summary>
internal sealed class ODataOrder
{
    private const int MostTerms = 8;

    private readonly IReadOnlyList<(FilterExpression Field, bool Descending)> _terms;

    private ODataOrder(IReadOnlyList<(FilterExpression Field, bool Descending)> terms) => _terms = terms;

    /// <param name="order">Null when the text is absent.</param>
    public static bool TryParse(string? text, out ODataOrder? order, out string problem)
    {
        order = null;
        problem = "";
        if (string.IsNullOrWhiteSpace(text))
        {
            return true;
        }

        var terms = new List<(FilterExpression Field, bool Descending)>();
        foreach (var term in text.Split(','))
        {
            var words = term.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var direction = words.Length == 2 ? words[1].ToLowerInvariant() : "asc";
            if (words.Length is not (1 or 2) || direction is not ("asc" or "desc") || terms.Count == MostTerms || !TryField(words[0], out var field))
            {
                problem = $"The $orderby expression is not valid: '{term.Trim()}' is not a member, or a member with asc or desc.";
                return false;
            }

            terms.Add((field!, direction == "desc"));
        }

        order = new(terms);
        return true;
    }

    /// <summary>Stable: what is equal keeps the order of names.</summary>
    public IEnumerable<T> Sort<T>(IEnumerable<T> items, Func<T, JsonObject> resource)
    {
        var keyed = items.Select(item => (Item: item, Keys: Keys(resource(item)))).ToList();
        IOrderedEnumerable<(T Item, string[] Keys)>? sorted = null;
        for (var i = 0; i < _terms.Count; i++)
        {
            var (at, descending) = (i, _terms[i].Descending);
            sorted = (sorted, descending) switch
            {
                (null, false) => keyed.OrderBy(pair => pair.Keys[at], StringComparer.OrdinalIgnoreCase),
                (null, true) => keyed.OrderByDescending(pair => pair.Keys[at], StringComparer.OrdinalIgnoreCase),
                (_, false) => sorted.ThenBy(pair => pair.Keys[at], StringComparer.OrdinalIgnoreCase),
                _ => sorted.ThenByDescending(pair => pair.Keys[at], StringComparer.OrdinalIgnoreCase),
            };
        }

        return sorted!.Select(pair => pair.Item);
    }

    private static bool TryField(string text, out FilterExpression? field)
    {
        try
        {
            field = new FilterParser(text).Parse();
            return field is FilterExpression.Field;
        }
        catch (FormatException)
        {
            field = null;
            return false;
        }
    }

    private string[] Keys(JsonObject resource) =>
        [.. _terms.Select(term => Convert.ToString(term.Field.Evaluate(new(resource)), System.Globalization.CultureInfo.InvariantCulture) ?? "")];
}

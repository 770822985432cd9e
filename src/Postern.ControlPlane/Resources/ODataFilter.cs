using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources;

/// <summary>
/// A parsed <c>$filter</c>: comparisons, <c>and</c>/<c>or</c>/<c>not</c>, <c>contains</c>, <c>substringof</c>, <c>startswith</c>,
/// <c>endswith</c>, <c>any</c>/<c>all</c>. Text is compared without regard to case.
/// </summary>
internal sealed class ODataFilter
{
    private ODataFilter(FilterExpression expression) => Expression = expression;

    public FilterExpression Expression { get; }

    public bool Matches(JsonObject resource) => Expression.Evaluate(new(resource)) is true;

    /// <param name="filter">Null when the text is absent.</param>
    /// <param name="problem">What is wrong with the text, for the caller.</param>
    public static bool TryParse(string? text, out ODataFilter? filter, out string problem)
    {
        filter = null;
        problem = "";
        if (string.IsNullOrWhiteSpace(text))
        {
            return true;
        }

        try
        {
            filter = new(new FilterParser(text).Parse());
            return true;
        }
        catch (FormatException error)
        {
            problem = $"The $filter expression is not valid: {error.Message}";
            return false;
        }
    }
}

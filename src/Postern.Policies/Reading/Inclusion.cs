namespace Postern.Policies.Reading;

/// <summary>A fragment while it is put in: where it goes, and through which others.</summary>
/// <param name="id">Of the fragment.</param>
/// <param name="into">The text that includes it: the document's, or another fragment's.</param>
/// <param name="element">The <c>include-fragment</c>.</param>
internal sealed class Inclusion(string id, PolicyBinding into, PolicyElement element)
{
    /// <summary>Fragments inside fragments, the first one counted.</summary>
    public const int MaxDepth = 16;

    /// <summary>Characters of all fragments that one document includes, each counted as often as it is: a few fragments that include each other twice would make millions.</summary>
    public const int MaxIncluded = 1024 * 1024;

    /// <summary>Ids from the outermost fragment to this one. A fragment that is read by itself is the outermost.</summary>
    public IReadOnlyList<string> Chain { get; } = [.. ChainOf(into), id];

    /// <summary>In the document: where the outermost fragment is included.</summary>
    public PolicyPlace Place => into.Inclusion is { } outer ? outer.Place : into.PlaceOf(element.Start);

    /// <summary>Of the <c>include-fragment</c>: what stands in the fragment is counted by itself and follows it.</summary>
    public string Path => into.PathOf(element);

    /// <summary>Element and place of every step down to a place in this fragment: <c>'a', line 1, column 2 → 'b', line 3, column 4</c>.</summary>
    public string Trail((int Line, int Column) place)
    {
        var here = $"'{id}', line {place.Line}, column {place.Column}";
        return into.Inclusion is { } outer ? $"{outer.Trail(into.Text.PlaceOf(element.Start))} → {here}" : here;
    }

    /// <summary>Tells the document of a problem in this fragment, at the place where the document includes it.</summary>
    public void Problem((int Line, int Column) place, string problem, string message)
    {
        var (line, column, path) = Place;
        into.Problems.Add(new(Keeps(problem) ? problem : PolicyDiagnostics.BrokenFragment,
            $"Policy fragment {Trail(place)}: {message} ({problem})", line, column, "include-fragment", path));
    }

    public static IReadOnlyList<string> ChainOf(PolicyBinding text) =>
        text.Inclusion is { } inclusion ? inclusion.Chain
        : text.Source.Scope == PolicyScope.Fragment ? [text.Source.Name[(text.Source.Name.LastIndexOf('/') + 1)..]]
        : [];

    /// <summary>A policy that can't run spoils its own step only, wherever it stands; what is wrong with the inclusion itself is not the fragment's text.</summary>
    private static bool Keeps(string problem) =>
        problem is PolicyDiagnostics.UnsupportedPolicy or PolicyDiagnostics.UnknownPolicy or PolicyDiagnostics.FragmentCircle
            or PolicyDiagnostics.FragmentsTooDeep or PolicyDiagnostics.TooLarge;
}

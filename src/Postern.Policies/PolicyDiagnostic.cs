namespace Postern.Policies;

/// <summary>A problem in a policy document, with its place. Ids and cures are listed in docs/diagnostics.md.</summary>
/// <param name="Id"><c>P1xx</c>.</param>
/// <param name="Line">From 1, in the text as it was given.</param>
/// <param name="Column">From 1.</param>
/// <param name="Element">Element that the problem is in; empty for the document.</param>
public sealed record PolicyDiagnostic(string Id, string Message, int Line, int Column, string Element)
{
    /// <summary>The product's wording for editors: <c>Error in element 'x' on line n, column m: …</c>.</summary>
    public override string ToString() => $"Error in element '{Element}' on line {Line}, column {Column}: {Message} ({Id})";
}

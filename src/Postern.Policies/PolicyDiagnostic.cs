namespace Postern.Policies;

/// <summary>A problem in a policy document, with its place. Ids and cures are listed in docs/diagnostics.md.</summary>
/// <param name="Id"><c>P1xx</c>.</param>
/// <param name="Line">From 1, in the text as it was given.</param>
/// <param name="Column">From 1.</param>
/// <param name="Element">Element that the problem is in; empty for the document.</param>
/// <param name="Path">
/// Section and, in the notation of <c>context.LastError.Path</c>, statement: <c>inbound\choose[1]\when[2]\set-header[1]</c>. A problem of an included
/// fragment is told at the <c>include-fragment</c>. Empty for the document, and for a named value that does not exist, which is found before
/// the text is read as XML.
/// </param>
public sealed record PolicyDiagnostic(string Id, string Message, int Line, int Column, string Element, string Path = "")
{
    /// <summary>The product's wording for editors: <c>Error in element 'x' on line n, column m: …</c>.</summary>
    public override string ToString() => $"Error in element '{Element}' on line {Line}, column {Column}: {Message} ({Note})";

    /// <summary>Id and path, for the end of a line.</summary>
    public string Note => Path.Length == 0 ? Id : $"{Id}, {Path}";
}

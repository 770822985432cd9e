using Postern.Policies.Language;

namespace Postern.Policies.Reading;

/// <summary>What binding one text needs to know; an included fragment has its own.</summary>
internal sealed class PolicyBinding(
    PolicySource source, SourceText text, IPolicyReferences references, PolicyProblems problems, List<ExpressionSource> expressions)
{
    public PolicySource Source => source;

    public SourceText Text => text;

    public IPolicyReferences References => references;

    public PolicyProblems Problems => problems;

    /// <summary>All expressions of the document, fragments' too: they are compiled together.</summary>
    public List<ExpressionSource> Expressions => expressions;

    /// <summary>Set while an included fragment is bound: its id and where it was included.</summary>
    public (string Id, Func<(int Line, int Column)> Place)? Fragment { get; init; }

    /// <summary>Policies seen so far that may occur once; by section or for the document.</summary>
    public HashSet<string> Seen { get; init; } = [];

    public void Problem(int offset, string id, string element, string message) => problems.Add(text, offset, id, element, message);
}

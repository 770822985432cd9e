using System.Runtime.CompilerServices;
using Postern.Policies.Language;

namespace Postern.Policies.Reading;

/// <summary>What binding one text needs to know; an included fragment has its own.</summary>
internal sealed class PolicyBinding(
    PolicySource source, SourceText text, PolicyElement root, IPolicyReferences references, PolicyProblems problems, List<ExpressionSource> expressions)
{
    public PolicySource Source => source;

    public SourceText Text => text;

    public IPolicyReferences References => references;

    /// <summary>Of the document, also while a fragment of it is bound.</summary>
    public PolicyProblems Problems => problems;

    /// <summary>All expressions of the document, fragments' too: they are compiled together.</summary>
    public List<ExpressionSource> Expressions => expressions;

    /// <summary>Set while an included fragment is bound.</summary>
    public Inclusion? Inclusion { get; init; }

    /// <summary>Characters of the fragments put into the document so far.</summary>
    public StrongBox<int> Included { get; init; } = new();

    /// <summary>Policies seen so far that may occur once; by section or for the document.</summary>
    public HashSet<string> Seen { get; init; } = [];

    public PolicyPlace PlaceOf(int offset)
    {
        var (line, column) = text.PlaceOf(offset);
        return new(line, column, PolicyPath.WithSection(root.At(offset)));
    }

    /// <summary>What <c>LastError.Path</c> says of a statement: in the document, also when it stands in a fragment.</summary>
    public string PathOf(PolicyElement? element) => PolicyPath.Join(Inclusion?.Path ?? "", PolicyPath.Of(element));

    public void Problem(int offset, string id, string element, string message)
    {
        if (Inclusion is null)
        {
            problems.Add(text, offset, id, element, message, root.At(offset));
        }
        else if (problems.IsFull)
        {
            // Finding the places of problems that nobody reads costs more than all else.
            problems.Skip();
        }
        else
        {
            Inclusion.Problem(text.PlaceOf(offset), id, message);
        }
    }
}

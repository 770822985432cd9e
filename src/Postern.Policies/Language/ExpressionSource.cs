using Postern.Policies.Expressions;
using Postern.Policies.Reading;

namespace Postern.Policies.Language;

/// <summary>A C# expression in a document, and its delegate once the document's assembly exists.</summary>
internal sealed class ExpressionSource(string code, bool isBlock, Type target, string element, Func<int, PolicyPlace> place)
{
    /// <summary>What stands between the brackets, or the statement block with its braces.</summary>
    public string Code => code;

    public bool IsBlock => isBlock;

    /// <summary>Type that the place wants; the compiled method returns it, or object when <see cref="Untyped"/>.</summary>
    public Type Target => target;

    public string Element => element;

    /// <summary>The result is not of the target type by itself and is converted at run time. Always so for text.</summary>
    public bool Untyped { get; set; } = !target.IsPrimitive;

    /// <summary>Contains loops, lambdas or sized allocations and therefore runs under a budget.</summary>
    public bool Guarded { get; set; }

    /// <summary>Small and bounded whatever the message: see <see cref="LightExpressions"/>. No expression is until it is known to be.</summary>
    public bool Light { get; set; }

    public BodyUse Needs { get; set; }

    public Delegate? Delegate { get; set; }

    /// <summary>Name of the named value that a range of <see cref="Code"/> came from; its text must not get into messages.</summary>
    public Func<int, int, string?> NamedValueIn { get; init; } = static (_, _) => null;

    /// <summary>Set for expressions of an included fragment: problems are reported at the include.</summary>
    public Inclusion? Inclusion { get; init; }

    /// <param name="id">Kept in fragments too: it tells what to do about the expression.</param>
    public PolicyDiagnostic Problem(string id, int codeOffset, string message)
    {
        var here = place(codeOffset);
        var (line, column, path) = Inclusion?.Place ?? here;
        return new(id, Inclusion is null ? message : $"Policy fragment {Inclusion.Trail((here.Line, here.Column))}: {message}", line, column, Element, path);
    }
}

/// <summary>Bodies that must be in memory before an expression runs.</summary>
[Flags]
internal enum BodyUse : byte
{
    None = 0,
    Request = 1,
    Response = 2,
}

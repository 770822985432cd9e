using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Postern.Policies.Language;
using Postern.Policies.Reading;

namespace Postern.Policies.Expressions;

/// <summary>The expressions of one document on their way through the compiler.</summary>
internal sealed class ExpressionUnit(IReadOnlyList<ExpressionSource> expressions, PolicyProblems problems)
{
    private readonly bool[] _hasPairs = new bool[expressions.Count];

    public IReadOnlyList<ExpressionSource> Expressions => expressions;

    public PolicyProblems Problems => problems;

    public string ClassName { get; private set; } = "";

    public ExpressionText Text { get; private set; } = null!;

    public SyntaxTree Tree { get; private set; } = null!;

    /// <summary>One per expression; empty when the text can't be read as it was meant.</summary>
    public IReadOnlyList<MethodDeclarationSyntax> Methods { get; private set; } = [];

    public bool IsReadable => Methods.Count == Expressions.Count;

    /// <summary>What is emitted: <see cref="Tree"/>, or what the guard made of it.</summary>
    public SyntaxTree Final { get; private set; } = null!;

    /// <summary>Some expressions were switched to conversion at run time; that is done once.</summary>
    public bool Released { get; set; }

    /// <param name="className">Unique in a compilation.</param>
    public void Write(string className)
    {
        ClassName = className;
        Text = ExpressionText.Write(expressions, className);
        Tree = Final = CSharpSyntaxTree.ParseText(Text.Text, ExpressionCompiler.Parsing);
        Methods = Tree.GetRoot() is CompilationUnitSyntax { Members: [ClassDeclarationSyntax only] } && only.Members.All(member => member is MethodDeclarationSyntax)
            && !Tree.GetDiagnostics().Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            ? [.. only.Members.Cast<MethodDeclarationSyntax>()]
            : [];
    }

    /// <summary>Applies the rules, and keeps what they saw in each expression.</summary>
    /// <param name="model">Of <see cref="Tree"/>.</param>
    public void Check(SemanticModel model, SymbolVerdicts verdicts, PolicyProblems found)
    {
        ExpressionSource current = null!;
        var offset = 0;
        var told = new HashSet<(int, string)>();
        var rules = new ExpressionRules(model, verdicts, (node, id, message) =>
        {
            // A name inside a qualified name, and the call around it, would all say the same.
            if (told.Add((offset, message)))
            {
                ExpressionProblems.Add(found, current, id, node.SpanStart - offset, node.Span.End - offset, message);
            }
        });
        for (var i = 0; i < expressions.Count; i++)
        {
            current = expressions[i];
            offset = Text.StartOf(i);
            var findings = rules.Check(Methods[i].Body!);
            current.Needs = findings.Needs;
            current.Guarded = findings.NeedsGuard;
            _hasPairs[i] = findings.HasPairs;
            current.Light = findings.IsLight;
        }
    }

    /// <summary>Rewrites what could run away. The rules have passed.</summary>
    /// <param name="model">Of <see cref="Tree"/>.</param>
    public void Guard(SemanticModel model)
    {
        if (!expressions.Any(expression => expression.Guarded))
        {
            return;
        }

        var guard = new ExpressionGuard(model);
        var pairs = Methods.Where((_, i) => _hasPairs[i]).ToHashSet();
        var guarded = Methods.Where((_, i) => expressions[i].Guarded);
        Final = Tree.WithRootAndOptions(
            Tree.GetRoot().ReplaceNodes(guarded, (method, _) =>
            {
                guard.HasPairs = pairs.Contains(method);
                return guard.Visit(method)!;
            }),
            ExpressionCompiler.Parsing);
    }
}

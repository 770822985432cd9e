using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Postern.Policies.Language;
using Postern.Policies.Reading;

namespace Postern.Policies.Expressions;

/// <summary>The expressions of one document on their way through the compiler.</summary>
internal sealed class ExpressionUnit(IReadOnlyList<ExpressionSource> expressions, PolicyProblems problems)
{
    public IReadOnlyList<ExpressionSource> Expressions => expressions;

    public PolicyProblems Problems => problems;

    public string ClassName { get; private set; } = "";

    public ExpressionText Text { get; private set; } = null!;

    public SyntaxTree Tree { get; private set; } = null!;

    /// <summary>One per expression; empty when the text can't be read as it was meant.</summary>
    public IReadOnlyList<MethodDeclarationSyntax> Methods { get; private set; } = [];

    /// <summary>What is emitted: <see cref="Tree"/>, or what the guard made of it.</summary>
    public SyntaxTree Final { get; set; } = null!;

    /// <summary>Some expressions were switched to conversion at run time; that is done once.</summary>
    public bool Released { get; set; }

    public void Write(string className, CSharpParseOptions options)
    {
        ClassName = className;
        Text = ExpressionText.Write(expressions, className);
        Tree = Final = CSharpSyntaxTree.ParseText(Text.Text, options);
        Methods = Tree.GetRoot() is CompilationUnitSyntax { Members: [ClassDeclarationSyntax only] } && only.Members.All(member => member is MethodDeclarationSyntax)
            && !Tree.GetDiagnostics().Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            ? [.. only.Members.Cast<MethodDeclarationSyntax>()]
            : [];
    }
}

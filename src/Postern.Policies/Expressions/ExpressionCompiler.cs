using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Postern.Policies.Language;
using Postern.Policies.Reading;

namespace Postern.Policies.Expressions;

/// <summary>
/// Compiles all expressions of a document to one assembly in memory, after the rules have passed. The assembly goes away when
/// nobody holds the document's policies any more.
/// </summary>
internal static class ExpressionCompiler
{
    private const int MaxNesting = 200;

    private static readonly CSharpParseOptions Parsing = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.CSharp12);

    private static readonly Lazy<CSharpCompilation> Empty = new(() => CSharpCompilation.Create(
        "Postern.Expressions",
        references: ExpressionReferences.All,
        options: new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            optimizationLevel: OptimizationLevel.Release,
            allowUnsafe: false,
            concurrentBuild: false,
            generalDiagnosticOption: ReportDiagnostic.Suppress,
            warningLevel: 0,
            nullableContextOptions: NullableContextOptions.Disable)));

    /// <summary>Sets the delegates, or adds what is wrong to <paramref name="problems"/>.</summary>
    public static void Compile(IReadOnlyList<ExpressionSource> expressions, PolicyProblems problems)
    {
        var sound = expressions.Where(expression => IsWellFormed(expression, problems)).ToList();
        if (sound.Count == 0)
        {
            return;
        }

        try
        {
            CompileSound(sound, problems, mayRetry: true);
        }
        catch (InsufficientExecutionStackException)
        {
            Report(problems, sound[0], PolicyDiagnostics.ExpressionDoesNotCompile, 0, 0, "An expression is nested too deeply.");
        }
    }

    /// <summary>
    /// Each expression is parsed by itself first, so that none can close the method it is put into and no preprocessor directive
    /// can reach its neighbours.
    /// </summary>
    private static bool IsWellFormed(ExpressionSource expression, PolicyProblems problems)
    {
        var code = expression.Code;
        if (IsTooDeep(code))
        {
            Report(problems, expression, PolicyDiagnostics.ExpressionDoesNotCompile, 0, 0, $"Brackets are nested more than {MaxNesting} deep.");
            return false;
        }

        SyntaxNode node = expression.IsBlock
            ? SyntaxFactory.ParseStatement(code, options: Parsing)
            : SyntaxFactory.ParseExpression(code, options: Parsing);
        var error = node.GetDiagnostics().FirstOrDefault(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        if (error is not null)
        {
            Report(problems, expression, PolicyDiagnostics.ExpressionDoesNotCompile, error.Location.SourceSpan.Start, error.Location.SourceSpan.End,
                $"{error.GetMessage(System.Globalization.CultureInfo.InvariantCulture)} ({error.Id})");
            return false;
        }

        if (node.FullSpan.Length != code.Length || (expression.IsBlock && node is not BlockSyntax) || node.ContainsDirectives)
        {
            Report(problems, expression, PolicyDiagnostics.ForbiddenConstruct, Math.Min(node.FullSpan.Length, code.Length), code.Length,
                node.ContainsDirectives ? "Preprocessor directives are not allowed in policy expressions." : "There is more than one expression here.");
            return false;
        }

        return true;
    }

    /// <summary>
    /// The compiler's parser guards its stack almost everywhere, but not while it looks ahead for types in brackets. Counted without
    /// regard to strings: whoever needs that many brackets in a string can write it in parts.
    /// </summary>
    private static bool IsTooDeep(string code)
    {
        var depth = 0;
        var angles = 0;
        foreach (var c in code)
        {
            depth += c is '(' or '[' or '{' ? 1 : c is ')' or ']' or '}' ? -1 : 0;
            angles = c switch
            {
                '<' => angles + 1,
                '>' => Math.Max(0, angles - 1),
                ';' or '{' or '}' => 0,
                _ => angles,
            };
            if (depth > MaxNesting || angles > MaxNesting)
            {
                return true;
            }
        }

        return false;
    }

    private static void CompileSound(IReadOnlyList<ExpressionSource> expressions, PolicyProblems problems, bool mayRetry)
    {
        var text = ExpressionText.Write(expressions);
        var tree = CSharpSyntaxTree.ParseText(text.Text, Parsing);
        var methods = Methods(tree);
        if (methods.Count != expressions.Count || tree.GetDiagnostics().Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error))
        {
            Report(problems, expressions[0], PolicyDiagnostics.ExpressionDoesNotCompile, 0, 0, "The document's expressions can't be read together.");
            return;
        }

        // All have one name: another name would make the compiler bind the references again, which costs more than all the rest.
        var compilation = Empty.Value.AddSyntaxTrees(tree);
        var model = compilation.GetSemanticModel(tree);
        var before = problems.Count;
        CheckRules(expressions, text, methods, model, problems);

        var guarded = expressions.Any(expression => expression.Guarded);
        var final = guarded && problems.Count == before ? compilation.ReplaceSyntaxTree(tree, Guard(tree, methods, expressions, model)) : compilation;
        using var image = new MemoryStream();
        var emitted = final.Emit(image);
        if (!emitted.Success)
        {
            var errors = compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ToList();
            if (mayRetry && ReleaseTypes(expressions, text, methods, model, errors))
            {
                CompileSound(expressions, problems, mayRetry: false);
                return;
            }

            ReportErrors(expressions, text, errors, problems);
        }

        if (problems.Count == before && emitted.Success)
        {
            Load(image, expressions);
        }
        else if (problems.Count == before)
        {
            Report(problems, expressions[0], PolicyDiagnostics.ExpressionDoesNotCompile, 0, 0, "The document's expressions can't be compiled together.");
        }
    }

    private static List<MethodDeclarationSyntax> Methods(SyntaxTree tree) =>
        tree.GetRoot() is CompilationUnitSyntax { Members: [ClassDeclarationSyntax only] } && only.Members.All(member => member is MethodDeclarationSyntax)
            ? [.. only.Members.Cast<MethodDeclarationSyntax>()]
            : [];

    private static void CheckRules(
        IReadOnlyList<ExpressionSource> expressions, ExpressionText text, List<MethodDeclarationSyntax> methods, SemanticModel model, PolicyProblems problems)
    {
        ExpressionSource current = null!;
        var offset = 0;
        var told = new HashSet<(int, string)>();
        var rules = new ExpressionRules(model, (node, id, message) =>
        {
            // A name inside a qualified name, and the call around it, would all say the same.
            if (told.Add((offset, message)))
            {
                Report(problems, current, id, node.SpanStart - offset, node.Span.End - offset, message);
            }
        });
        for (var i = 0; i < expressions.Count; i++)
        {
            current = expressions[i];
            offset = text.StartOf(i);
            rules.Check(methods[i].Body!);
            current.Needs = rules.Needs;
            current.Guarded = rules.NeedsGuard;
            current.Light = rules.IsLight;
        }
    }

    private static SyntaxTree Guard(SyntaxTree tree, List<MethodDeclarationSyntax> methods, IReadOnlyList<ExpressionSource> expressions, SemanticModel model)
    {
        var guard = new ExpressionGuard(model);
        var guarded = methods.Where((_, i) => expressions[i].Guarded);
        var root = tree.GetRoot().ReplaceNodes(guarded, (method, _) => guard.Visit(method));
        return tree.WithRootAndOptions(root, Parsing);
    }

    /// <summary>
    /// A place that wants a number or a truth value also takes text or an object and converts it when the request comes: true when
    /// some expression was switched to that.
    /// </summary>
    private static bool ReleaseTypes(
        IReadOnlyList<ExpressionSource> expressions, ExpressionText text, List<MethodDeclarationSyntax> methods, SemanticModel model,
        List<Diagnostic> errors)
    {
        var released = false;
        foreach (var error in errors.Where(error => error.Id is "CS0029" or "CS0266"))
        {
            var index = IndexOf(text, expressions.Count, error.Location.SourceSpan.Start);
            if (index < 0 || expressions[index].Untyped)
            {
                continue;
            }

            var node = methods[index].FindNode(error.Location.SourceSpan, getInnermostNodeForTie: true);
            if (node is ExpressionSyntax && model.GetTypeInfo(node).Type is { } type && IsConvertibleLater(type))
            {
                expressions[index].Untyped = released = true;
            }
        }

        return released;
    }

    private static bool IsConvertibleLater(ITypeSymbol type) =>
        type.SpecialType is SpecialType.System_Object or SpecialType.System_String
            or (>= SpecialType.System_SByte and <= SpecialType.System_Double)
        || type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T
        || type.Name is "JToken" or "JValue";

    private static void ReportErrors(IReadOnlyList<ExpressionSource> expressions, ExpressionText text, List<Diagnostic> errors, PolicyProblems problems)
    {
        foreach (var error in errors.Take(100))
        {
            var span = error.Location.SourceSpan;
            var index = IndexOf(text, expressions.Count, span.Start);
            var expression = expressions[Math.Max(index, 0)];
            var offset = text.StartOf(Math.Max(index, 0));
            Report(problems, expression, PolicyDiagnostics.ExpressionDoesNotCompile, span.Start - offset, span.End - offset,
                $"{error.GetMessage(System.Globalization.CultureInfo.InvariantCulture)} ({error.Id})");
        }
    }

    private static int IndexOf(ExpressionText text, int count, int position)
    {
        var index = -1;
        for (var i = 0; i < count && text.StartOf(i) <= position; i++)
        {
            index = i;
        }

        // "Not all code paths return a value" is reported at the method's name, which stands before its expression.
        return index + 1 < count && position > text.StartOf(Math.Max(index, 0)) + 1 && index >= 0 && IsBefore(text, index + 1, position) ? index + 1 : index;
    }

    private static bool IsBefore(ExpressionText text, int next, int position) => text.StartOf(next) - position is > 0 and < 60 && IsMethodHead(text, position, next);

    private static bool IsMethodHead(ExpressionText text, int position, int next) =>
        text.Text.LastIndexOf("\npublic ", text.StartOf(next), StringComparison.Ordinal) is var head && head >= 0 && position >= head;

    private static void Report(PolicyProblems problems, ExpressionSource expression, string id, int start, int end, string message)
    {
        var bounded = Math.Clamp(start, 0, expression.Code.Length);
        var (line, column) = expression.PlaceOf(bounded);
        if (expression.NamedValueIn(bounded, Math.Max(end, bounded + 1)) is { } name)
        {
            // The compiler's message would quote the value, which may be a secret.
            message = $"The value of {{{{{name}}}}} does not fit here.";
        }

        problems.Add(new(id, message, line, column, expression.Element));
    }

    private static void Load(MemoryStream image, IReadOnlyList<ExpressionSource> expressions)
    {
        var context = new AssemblyLoadContext("Postern.Expressions", isCollectible: true);
        context.Resolving += static (_, name) => ExpressionReferences.Assemblies().FirstOrDefault(assembly => assembly.GetName().Name == name.Name);
        image.Position = 0;
        var type = context.LoadFromStream(image).GetType("CompiledExpressions", throwOnError: true)!;
        var instance = Activator.CreateInstance(type)!;
        for (var i = 0; i < expressions.Count; i++)
        {
            var method = type.GetMethod($"E{i}", BindingFlags.Public | BindingFlags.Instance)!;
            expressions[i].Delegate = method.CreateDelegate(typeof(Func<,>).MakeGenericType(typeof(IContext), method.ReturnType), instance);
        }
    }
}

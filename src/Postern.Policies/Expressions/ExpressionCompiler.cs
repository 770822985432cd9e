using System.Reflection;
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

    private const string ClassName = "CompiledExpressions";

    private static readonly CSharpParseOptions Parsing = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.CSharp12);

    private static readonly Lazy<CSharpCompilation> Empty = new(() => CSharpCompilation.Create(
        "Postern.Expressions",
        syntaxTrees: [CSharpSyntaxTree.ParseText(ExpressionText.Usings, Parsing)],
        references: ExpressionReferences.All,
        options: new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            optimizationLevel: OptimizationLevel.Release,
            allowUnsafe: false,
            concurrentBuild: false,
            generalDiagnosticOption: ReportDiagnostic.Suppress,
            warningLevel: 0,
            nullableContextOptions: NullableContextOptions.Disable)));

    /// <summary>
    /// Compiles documents that arrive together as one assembly, which costs a fraction: what the compiler finds out about the references it
    /// finds out once. A document with anything unusual about it goes alone, so that no other suffers from it.
    /// </summary>
    public static void CompileAll(IReadOnlyList<(IReadOnlyList<ExpressionSource> Expressions, PolicyProblems Problems)> documents)
    {
        var units = new List<ExpressionUnit>(documents.Count);
        foreach (var (expressions, problems) in documents)
        {
            var sound = expressions.Where(expression => IsWellFormed(expression, problems)).ToList();
            if (sound.Count > 0)
            {
                units.Add(new(sound, problems));
            }
        }

        var alone = new List<ExpressionUnit>();
        for (var open = units; open.Count > 0;)
        {
            open = open.Count == 1 ? Alone(open, alone) : CompileTogether(open, alone);
        }

        foreach (var unit in alone)
        {
            CompileAlone(unit.Expressions, unit.Problems);
        }
    }

    private static List<ExpressionUnit> Alone(List<ExpressionUnit> units, List<ExpressionUnit> alone)
    {
        alone.AddRange(units);
        return [];
    }

    /// <param name="alone">Gets the documents that have to go alone.</param>
    /// <returns>Documents to be tried together again; empty when this was all.</returns>
    private static List<ExpressionUnit> CompileTogether(List<ExpressionUnit> units, List<ExpressionUnit> alone)
    {
        for (var i = 0; i < units.Count; i++)
        {
            units[i].Write($"{ClassName}{i}", Parsing);
        }

        var readable = units.Where(unit => unit.Methods.Count == unit.Expressions.Count).ToList();
        alone.AddRange(units.Except(readable));
        try
        {
            var compilation = Empty.Value.AddSyntaxTrees(readable.Select(unit => unit.Tree));
            var clean = new List<ExpressionUnit>(readable.Count);
            foreach (var unit in readable)
            {
                var found = new PolicyProblems();
                var model = compilation.GetSemanticModel(unit.Tree);
                CheckRules(unit.Expressions, unit.Text, unit.Methods, model, found);
                unit.Final = unit.Expressions.Any(expression => expression.Guarded) && found.Count == 0 ? Guard(unit.Tree, unit.Methods, unit.Expressions, model) : unit.Tree;
                (found.Count == 0 ? clean : alone).Add(unit);
            }

            var changed = readable.Where(unit => unit.Final != unit.Tree || !clean.Contains(unit)).ToList();
            var final = compilation.RemoveSyntaxTrees(changed.Select(unit => unit.Tree)).AddSyntaxTrees(changed.Where(clean.Contains).Select(unit => unit.Final));
            using var image = new MemoryStream();
            var emitted = final.Emit(image);
            if (emitted.Success)
            {
                Load(image, clean);
                return [];
            }

            return Sort(clean, compilation, emitted.Diagnostics, alone);
        }
        catch (InsufficientExecutionStackException)
        {
            return Alone(readable, alone);
        }
    }

    /// <summary>Documents with errors go alone, unless all they need is a conversion at run time.</summary>
    private static List<ExpressionUnit> Sort(List<ExpressionUnit> units, CSharpCompilation compilation, IEnumerable<Diagnostic> diagnostics, List<ExpressionUnit> alone)
    {
        var byTree = diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ToLookup(error => error.Location.SourceTree);
        var faulty = units.Where(unit => byTree.Contains(unit.Final)).ToList();
        if (faulty.Count == 0)
        {
            return Alone(units, alone);
        }

        // Places in a rewritten tree are not those of the text; what was rewritten finds its own errors alone.
        var released = faulty.Where(unit => unit.Final == unit.Tree && !unit.Released
            && ReleaseTypes(unit.Expressions, unit.Text, unit.Methods, compilation.GetSemanticModel(unit.Tree), [.. byTree[unit.Final]])).ToList();
        released.ForEach(unit => unit.Released = true);
        alone.AddRange(faulty.Except(released));
        return [.. units.Except(faulty), .. released];
    }

    private static void CompileAlone(IReadOnlyList<ExpressionSource> sound, PolicyProblems problems)
    {
        try
        {
            CompileSound(sound, problems, mayRetry: true);
        }
        catch (InsufficientExecutionStackException)
        {
            Report(problems, sound[0], PolicyDiagnostics.ExpressionDoesNotCompile, 0, 0, "An expression is nested too deeply.");
        }
    }

    /// <summary>Sets the delegates, or adds what is wrong to <paramref name="problems"/>.</summary>
    public static void Compile(IReadOnlyList<ExpressionSource> expressions, PolicyProblems problems)
    {
        var sound = expressions.Where(expression => IsWellFormed(expression, problems)).ToList();
        if (sound.Count > 0)
        {
            CompileAlone(sound, problems);
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
        var unit = new ExpressionUnit(expressions, problems);
        unit.Write(ClassName, Parsing);
        var (text, tree, methods) = (unit.Text, unit.Tree, unit.Methods);
        if (methods.Count != expressions.Count)
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
            Load(image, [unit]);
        }
        else if (problems.Count == before)
        {
            Report(problems, expressions[0], PolicyDiagnostics.ExpressionDoesNotCompile, 0, 0, "The document's expressions can't be compiled together.");
        }
    }

    private static void CheckRules(
        IReadOnlyList<ExpressionSource> expressions, ExpressionText text, IReadOnlyList<MethodDeclarationSyntax> methods, SemanticModel model, PolicyProblems problems)
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

    private static SyntaxTree Guard(SyntaxTree tree, IReadOnlyList<MethodDeclarationSyntax> methods, IReadOnlyList<ExpressionSource> expressions, SemanticModel model)
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
        IReadOnlyList<ExpressionSource> expressions, ExpressionText text, IReadOnlyList<MethodDeclarationSyntax> methods, SemanticModel model,
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
        if (expression.NamedValueIn(bounded, Math.Max(end, bounded + 1)) is { } name)
        {
            // The compiler's message would quote the value, which may be a secret.
            message = $"The value of {{{{{name}}}}} does not fit here.";
        }

        problems.Add(expression.Problem(id, bounded, message));
    }

    private static void Load(MemoryStream image, IReadOnlyList<ExpressionUnit> units)
    {
        var context = new ExpressionLoadContext(image.Length);
        image.Position = 0;
        var assembly = context.LoadFromStream(image);
        foreach (var unit in units)
        {
            var type = assembly.GetType(unit.ClassName, throwOnError: true)!;
            var instance = Activator.CreateInstance(type)!;
            for (var i = 0; i < unit.Expressions.Count; i++)
            {
                var method = type.GetMethod($"E{i}", BindingFlags.Public | BindingFlags.Instance)!;
                unit.Expressions[i].Delegate = method.CreateDelegate(typeof(Func<,>).MakeGenericType(typeof(IContext), method.ReturnType), instance);
            }
        }
    }
}

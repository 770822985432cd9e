using System.Security.Cryptography.X509Certificates;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Postern.Policies.Expressions;

/// <summary>
/// Rewrites expressions so that <see cref="ExpressionBudget"/> is asked in every loop and function and before anything is
/// made by size. The rules have passed by then, so calls to the budget are ours.
/// </summary>
internal sealed class ExpressionGuard(SemanticModel model) : CSharpSyntaxRewriter
{
    private const string Budget = "global::Postern.Policies.Expressions.ExpressionBudget";
    private const string Sequences = "global::Postern.Policies.Expressions.ExpressionSequences";
    private const string Trees = "global::Postern.Policies.Expressions.ExpressionTrees";

    private static readonly StatementSyntax Tick = ParseStatement($"{Budget}.Tick();");
    private static readonly StatementSyntax Enter = ParseStatement($"{Budget}.Enter();");

    /// <summary>Types whose constructors take a length or capacity.</summary>
    public static bool IsSized(INamedTypeSymbol type) => type.Name is "String" or "StringBuilder" or "List" or "Dictionary" or "HashSet" or "Queue" or "Stack" or "Regex";

    /// <summary>Methods that take a length or count, or that match patterns.</summary>
    public static bool IsSizedCall(IMethodSymbol method) => (method.ContainingType?.Name, method.Name) switch
    {
        ("String", "Join" or "Concat") => JoinsMany(method),
        ("JsonConvert", "SerializeObject") => true,
        ("JToken" or "JObject" or "JArray", "FromObject") => true,
        ("String", "PadLeft" or "PadRight") => true,
        ("String", "Replace") => true,
        ("Enumerable", "Range" or "Repeat") => true,
        ("StringBuilder", "Append" or "Insert") => true,
        ("List" or "Dictionary" or "HashSet" or "Queue" or "Stack", "EnsureCapacity") => true,
        ("Array", "Resize") => true,
        ("Regex", "IsMatch" or "Match" or "Matches" or "Replace" or "Split") => method.IsStatic,
        ("RandomNumberGenerator", "GetBytes" or "GetHexString") => true,
        ("XElement" or "XDocument", "Parse") => true,
        ("JToken", "SelectToken" or "SelectTokens") => true,
        _ => false,
    };

    public static bool SetsLength(AssignmentExpressionSyntax assignment) =>
        assignment.Left is MemberAccessExpressionSyntax { Name.Identifier.Text: "Length" or "Capacity" }
            or IdentifierNameSyntax { Identifier.Text: "Length" or "Capacity" };

    /// <summary>Methods whose format may ask for many digits.</summary>
    public static bool TakesFormat(IMethodSymbol method) => method.Parameters.Any(IsFormat);

    private static bool IsFormat(IParameterSymbol parameter) => parameter is { Name: "format", Type.SpecialType: SpecialType.System_String };

    /// <summary>Joins a collection, not just what is written out.</summary>
    private static bool JoinsMany(IMethodSymbol method) => method.Parameters is [.., { Type: not { SpecialType: SpecialType.System_String or SpecialType.System_Object } } last]
        && !(last.Type is INamedTypeSymbol { Name: "ReadOnlySpan" });

    /// <summary>The platform's judgement of certificates, which is replaced by the gateway's.</summary>
    public static bool IsCertificateVerification(SimpleNameSyntax name, SemanticModel model) =>
        name.Identifier.Text == nameof(X509Certificate2.Verify)
        && model.GetSymbolInfo(name).Symbol is IMethodSymbol { ContainingType.Name: nameof(X509Certificate2) };

    /// <summary>A name only, so that <c>certificate?.Verify()</c> and <c>certificates.All(one => one.Verify())</c> are the same to it.</summary>
    public override SyntaxNode? VisitIdentifierName(IdentifierNameSyntax node) => IsCertificateVerification(node, model)
        ? node.WithIdentifier(Identifier(nameof(ExpressionExtensions.VerifyRevocation)).WithTriviaFrom(node.Identifier))
        : base.VisitIdentifierName(node);

    public override SyntaxNode? VisitWhileStatement(WhileStatementSyntax node) =>
        ((WhileStatementSyntax)base.VisitWhileStatement(node)!) is var visited ? visited.WithStatement(WithTick(visited.Statement)) : null;

    public override SyntaxNode? VisitDoStatement(DoStatementSyntax node) =>
        ((DoStatementSyntax)base.VisitDoStatement(node)!) is var visited ? visited.WithStatement(WithTick(visited.Statement)) : null;

    public override SyntaxNode? VisitForStatement(ForStatementSyntax node) =>
        ((ForStatementSyntax)base.VisitForStatement(node)!) is var visited ? visited.WithStatement(WithTick(visited.Statement)) : null;

    public override SyntaxNode? VisitForEachStatement(ForEachStatementSyntax node) =>
        ((ForEachStatementSyntax)base.VisitForEachStatement(node)!) is var visited ? visited.WithStatement(WithTick(visited.Statement)) : null;

    public override SyntaxNode? VisitForEachVariableStatement(ForEachVariableStatementSyntax node) =>
        ((ForEachVariableStatementSyntax)base.VisitForEachVariableStatement(node)!) is var visited
            ? visited.WithStatement(WithTick(visited.Statement))
            : null;

    public override SyntaxNode? VisitSimpleLambdaExpression(SimpleLambdaExpressionSyntax node) =>
        WithEnter((SimpleLambdaExpressionSyntax)base.VisitSimpleLambdaExpression(node)!, node);

    public override SyntaxNode? VisitParenthesizedLambdaExpression(ParenthesizedLambdaExpressionSyntax node) =>
        WithEnter((ParenthesizedLambdaExpressionSyntax)base.VisitParenthesizedLambdaExpression(node)!, node);

    public override SyntaxNode? VisitAnonymousMethodExpression(AnonymousMethodExpressionSyntax node)
    {
        var visited = (AnonymousMethodExpressionSyntax)base.VisitAnonymousMethodExpression(node)!;
        return visited.WithBlock(visited.Block.WithStatements(visited.Block.Statements.Insert(0, Enter)));
    }

    public override SyntaxNode? VisitLocalFunctionStatement(LocalFunctionStatementSyntax node)
    {
        var visited = (LocalFunctionStatementSyntax)base.VisitLocalFunctionStatement(node)!;
        if (visited.Body is { } body)
        {
            return visited.WithBody(body.WithStatements(body.Statements.Insert(0, Enter)));
        }

        var returnsVoid = model.GetDeclaredSymbol(node) is IMethodSymbol { ReturnsVoid: true };
        return visited.WithExpressionBody(null).WithSemicolonToken(default)
            .WithBody(BlockOf(visited.ExpressionBody!.Expression, returnsVoid));
    }

    public override SyntaxNode? VisitFromClause(FromClauseSyntax node) =>
        ((FromClauseSyntax)base.VisitFromClause(node)!) is var visited
            ? visited.WithExpression(IsLazy(model.GetTypeInfo(node.Expression).Type) ? Call($"{Sequences}.Watch", visited.Expression) : Passed(visited.Expression))
            : null;

    public override SyntaxNode? VisitWhereClause(WhereClauseSyntax node) =>
        ((WhereClauseSyntax)base.VisitWhereClause(node)!) is var visited ? visited.WithCondition(Passed(visited.Condition)) : null;

    public override SyntaxNode? VisitLetClause(LetClauseSyntax node) =>
        ((LetClauseSyntax)base.VisitLetClause(node)!) is var visited ? visited.WithExpression(Passed(visited.Expression)) : null;

    public override SyntaxNode? VisitSelectClause(SelectClauseSyntax node) =>
        ((SelectClauseSyntax)base.VisitSelectClause(node)!) is var visited ? visited.WithExpression(Passed(visited.Expression)) : null;

    public override SyntaxNode? VisitArrayRankSpecifier(ArrayRankSpecifierSyntax node)
    {
        var visited = (ArrayRankSpecifierSyntax)base.VisitArrayRankSpecifier(node)!;
        return visited.WithSizes(SeparatedList(visited.Sizes.Select(size => size is OmittedArraySizeExpressionSyntax ? size
            : visited.Rank == 1 ? Sized(size)
            : Call($"{Budget}.Side", size, LiteralExpression(SyntaxKind.NumericLiteralExpression, Literal(visited.Rank))))));
    }

    public override SyntaxNode? VisitObjectCreationExpression(ObjectCreationExpressionSyntax node)
    {
        var visited = (ObjectCreationExpressionSyntax)base.VisitObjectCreationExpression(node)!;
        return model.GetSymbolInfo(node).Symbol is IMethodSymbol constructor && visited.ArgumentList is { } list
            ? visited.WithArgumentList(Constructed(list, node.ArgumentList!, constructor))
            : visited;
    }

    public override SyntaxNode? VisitCatchClause(CatchClauseSyntax node)
    {
        var visited = (CatchClauseSyntax)base.VisitCatchClause(node)!;
        var alive = ParseExpression($"!{Budget}.IsOver");
        return visited.WithFilter(CatchFilterClause(visited.Filter is { } filter
            ? BinaryExpression(SyntaxKind.LogicalAndExpression, alive, ParenthesizedExpression(filter.FilterExpression.WithoutTrivia()))
            : alive));
    }

    /// <summary>One that only assigns stays as it is, so that what it assigns counts as assigned.</summary>
    public override SyntaxNode? VisitFinallyClause(FinallyClauseSyntax node)
    {
        var visited = (FinallyClauseSyntax)base.VisitFinallyClause(node)!;
        return node.Block.DescendantNodes().Any(inner => inner is InvocationExpressionSyntax or BaseObjectCreationExpressionSyntax or WhileStatementSyntax
            or ForStatementSyntax or DoStatementSyntax or CommonForEachStatementSyntax)
            ? visited.WithBlock(Block(IfStatement(ParseExpression($"!{Budget}.IsOver"), visited.Block)))
            : visited;
    }

    public override SyntaxNode? VisitAnonymousObjectMemberDeclarator(AnonymousObjectMemberDeclaratorSyntax node)
    {
        var visited = (AnonymousObjectMemberDeclaratorSyntax)base.VisitAnonymousObjectMemberDeclarator(node)!;
        if (!IsOpen(model.GetTypeInfo(node.Expression).Type))
        {
            return visited;
        }

        // A name that the compiler takes from the expression must be written out once the expression is wrapped.
        var name = node.NameEquals ?? (model.GetDeclaredSymbol(node) is { Name: { Length: > 0 } given } ? NameEquals(given) : null);
        return visited.WithNameEquals(name).WithExpression(Call($"{Budget}.Nest", visited.Expression));
    }

    public override SyntaxNode? VisitTupleExpression(TupleExpressionSyntax node)
    {
        var visited = (TupleExpressionSyntax)base.VisitTupleExpression(node)!;
        if (node.Parent is AssignmentExpressionSyntax assignment && assignment.Left == node)
        {
            return visited;
        }

        return visited.WithArguments(SeparatedList(visited.Arguments.Select((argument, i) =>
            IsOpen(model.GetTypeInfo(node.Arguments[i].Expression).Type) ? argument.WithExpression(Call($"{Budget}.Nest", argument.Expression)) : argument)));
    }

    public override SyntaxNode? VisitInitializerExpression(InitializerExpressionSyntax node)
    {
        var visited = (InitializerExpressionSyntax)base.VisitInitializerExpression(node)!;
        return node.Parent is BaseObjectCreationExpressionSyntax creation && IsTree(model.GetTypeInfo(creation).Type)
            ? visited.WithExpressions(SeparatedList(visited.Expressions.Select((expression, i) => expression switch
            {
                AssignmentExpressionSyntax assignment when IsTree(model.GetTypeInfo(((AssignmentExpressionSyntax)node.Expressions[i]).Right).Type) =>
                    assignment.WithRight(Call($"{Trees}.Token", assignment.Right)),
                AssignmentExpressionSyntax => expression,
                InitializerExpressionSyntax pair => pair.WithExpressions(SeparatedList(pair.Expressions.Select((part, j) =>
                    IsTree(model.GetTypeInfo(((InitializerExpressionSyntax)node.Expressions[i]).Expressions[j]).Type) ? Call($"{Trees}.Token", part) : part))),
                _ => IsTree(model.GetTypeInfo(node.Expressions[i]).Type) ? Call($"{Trees}.Token", expression) : expression,
            })))
            : visited;
    }

    public override SyntaxNode? VisitJoinClause(JoinClauseSyntax node) =>
        ((JoinClauseSyntax)base.VisitJoinClause(node)!) is var visited && IsLazy(model.GetTypeInfo(node.InExpression).Type)
            ? visited.WithInExpression(Call($"{Sequences}.Watch", visited.InExpression))
            : visited;

    public override SyntaxNode? VisitImplicitObjectCreationExpression(ImplicitObjectCreationExpressionSyntax node)
    {
        var visited = (ImplicitObjectCreationExpressionSyntax)base.VisitImplicitObjectCreationExpression(node)!;
        return model.GetSymbolInfo(node).Symbol is IMethodSymbol constructor
            ? visited.WithArgumentList(Constructed(visited.ArgumentList, node.ArgumentList, constructor))
            : visited;
    }

    private ArgumentListSyntax Constructed(ArgumentListSyntax list, ArgumentListSyntax original, IMethodSymbol constructor)
    {
        var type = constructor.ContainingType;
        return IsTree(type) ? Contents(list, original, constructor)
            : type.Name == "Regex" ? TimedRegex(list, constructor, 1)
            : IsSized(type) ? SizedArguments(list, constructor)
            : IsPrinted(type) ? list.WithArguments(SeparatedList(list.Arguments.Select((argument, i) =>
                IsOpen(model.GetTypeInfo(original.Arguments[i].Expression).Type) ? argument.WithExpression(Call($"{Budget}.Nest", argument.Expression)) : argument)))
            : list;
    }

    /// <summary>What goes into JSON or XML.</summary>
    private ArgumentListSyntax Contents(ArgumentListSyntax list, ArgumentListSyntax original, IMethodSymbol method) =>
        list.WithArguments(SeparatedList(list.Arguments.Select((argument, i) =>
        {
            var given = model.GetTypeInfo(original.Arguments[i].Expression);
            return !argument.RefKindKeyword.IsKind(SyntaxKind.None) ? argument
                : IsTree(given.Type) ? argument.WithExpression(Call($"{Trees}.Token", argument.Expression))
                : given.ConvertedType?.SpecialType == SpecialType.System_Object && given.Type is { SpecialType: not SpecialType.System_String, IsReferenceType: true }
                    ? argument.WithExpression(Call($"{Trees}.Content", argument.Expression))
                : given.Type is IArrayTypeSymbol ? argument.WithExpression(Call($"{Trees}.Token", argument.Expression))
                : argument;
        })));

    /// <summary>Of JSON or XML, or a general collection of it.</summary>
    private static bool IsTree(ITypeSymbol? type) => type is INamedTypeSymbol named
        && (named.ContainingNamespace?.ToDisplayString() is "Newtonsoft.Json.Linq" or "System.Xml.Linq"
            ? named.Name is not ("XName" or "XNamespace" or "XDeclaration" or "JTokenType" or "Extensions")
            : named.TypeKind == TypeKind.Interface && named.TypeArguments.Any(IsTree) && named.Name is "IList" or "ICollection" or "IDictionary");

    /// <summary>Worked out while it is read.</summary>
    private static bool IsLazy(ITypeSymbol? type) => type is { TypeKind: TypeKind.Interface, Name: "IEnumerable" or "IOrderedEnumerable" or "IJEnumerable" or "IGrouping" };

    /// <summary>May hold anything, so also another of its own kind.</summary>
    private static bool IsOpen(ITypeSymbol? type) => type is { SpecialType: SpecialType.System_Object } or { TypeKind: TypeKind.Interface or TypeKind.TypeParameter }
        || type is { IsReferenceType: true, IsSealed: false, Name: "Exception" or "ValueType" or "Delegate" } || type?.BaseType?.Name == "Exception";

    private static bool IsPrinted(ITypeSymbol type)
    {
        for (var one = type; one is not null; one = one.BaseType!)
        {
            if (one.Name is "Exception" or "Tuple" or "ValueTuple" or "KeyValuePair")
            {
                return true;
            }
        }

        return false;
    }

    public override SyntaxNode? VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        var visited = (InvocationExpressionSyntax)base.VisitInvocationExpression(node)!;
        if (model.GetSymbolInfo(node).Symbol is not IMethodSymbol method)
        {
            return visited;
        }

        visited = Watched(visited, node, method);
        if (!IsSizedCall(method) && !TakesFormat(method))
        {
            return visited;
        }

        if (method is { ContainingType.Name: "JsonConvert", Name: "SerializeObject" } && method.Parameters.Length <= 2 && method.Parameters[^1].Type.Name is "Object" or "Formatting")
        {
            return visited.WithExpression(ParseExpression($"{Trees}.SerializeObject"));
        }

        if (method.Name is "FromObject" or "SerializeObject")
        {
            return visited.WithArgumentList(ArgumentList(visited.ArgumentList.Arguments.Replace(
                visited.ArgumentList.Arguments[0], visited.ArgumentList.Arguments[0].WithExpression(Call($"{Trees}.Graph", visited.ArgumentList.Arguments[0].Expression)))));
        }

        if (method is { ContainingType.SpecialType: SpecialType.System_String, Name: "Join" or "Concat" })
        {
            // Parts that are written out one by one are as few as the text is long.
            return visited.ArgumentList.Arguments.Count == method.Parameters.Length && model.GetTypeInfo(node.ArgumentList.Arguments[^1].Expression).ConvertedType is not { SpecialType: SpecialType.System_String or SpecialType.System_Object }
                ? visited.WithExpression(ParseExpression($"{Sequences}.{method.Name}"))
                : visited;
        }

        if (method.Parameters.FirstOrDefault(IsFormat) is { } format
            && (visited.ArgumentList.Arguments.FirstOrDefault(argument => argument.NameColon?.Name.Identifier.Text == "format")
                ?? visited.ArgumentList.Arguments.ElementAtOrDefault(format.Ordinal)) is { } text1)
        {
            return visited.WithArgumentList(visited.ArgumentList.ReplaceNode(text1, text1.WithExpression(Call($"{Budget}.Format", text1.Expression))));
        }

        if (method.ContainingType.Name is "XElement" or "XDocument")
        {
            var text = visited.ArgumentList.Arguments[0];
            return visited.WithArgumentList(visited.ArgumentList.ReplaceNode(text, text.WithExpression(Call($"{Budget}.Xml", text.Expression))));
        }

        if (method.ContainingType.Name == "JToken")
        {
            return visited.Expression is MemberAccessExpressionSyntax { Expression: var token }
                ? visited.WithExpression(ParseExpression($"{Budget}.{method.Name}"))
                    .WithArgumentList(ArgumentList(visited.ArgumentList.Arguments.Insert(0, Argument(token.WithoutTrivia()))))
                : visited;
        }

        if (method.ContainingType.Name == "Regex")
        {
            return visited.WithArgumentList(TimedRegex(visited.ArgumentList, method, method.Name == "Replace" ? 3 : 2));
        }

        if (method is { Name: "Replace", ContainingType.Name: "String" })
        {
            return method.Parameters is [{ Type.SpecialType: SpecialType.System_String }, { Type.SpecialType: SpecialType.System_String }]
                && visited.Expression is MemberAccessExpressionSyntax { Expression: var text }
                ? visited.WithExpression(ParseExpression($"{Budget}.Replace"))
                    .WithArgumentList(ArgumentList(visited.ArgumentList.Arguments.Insert(0, Argument(text.WithoutTrivia()))))
                : visited;
        }

        return visited.WithArgumentList(SizedArguments(visited.ArgumentList, method));
    }

    /// <summary>Sequences that are given to the library are read through <see cref="ExpressionSequences"/>, content of trees goes through <see cref="ExpressionTrees"/>.</summary>
    private InvocationExpressionSyntax Watched(InvocationExpressionSyntax visited, InvocationExpressionSyntax node, IMethodSymbol method)
    {
        var receiver = (node.Expression as MemberAccessExpressionSyntax)?.Expression;
        if (method.ContainingType is { Name: "Enumerable" or "Extensions", IsStatic: true })
        {
            if (visited.Expression is MemberAccessExpressionSyntax access && receiver is not null && method.ReducedFrom is not null)
            {
                var type = model.GetTypeInfo(receiver).Type;
                visited = method.Name is "ThenBy" or "ThenByDescending"
                    ? visited.WithExpression(access.WithExpression(Call($"{Sequences}.Order", access.Expression)))
                    : IsLazy(type) ? visited.WithExpression(access.WithExpression(Call($"{Sequences}.Watch", access.Expression)))
                    : visited;
            }

            var isThen = method.Name is "ThenBy" or "ThenByDescending" && method.ReducedFrom is null;
            return visited.WithArgumentList(visited.ArgumentList.WithArguments(SeparatedList(visited.ArgumentList.Arguments.Select((argument, i) =>
                IsLazy(model.GetTypeInfo(node.ArgumentList.Arguments[i].Expression).Type)
                    ? argument.WithExpression(Call(isThen ? $"{Sequences}.Order" : $"{Sequences}.Watch", argument.Expression))
                    : argument))));
        }

        if (method is { ContainingType.Name: "Tuple" or "KeyValuePair" or "ValueTuple", Name: "Create" })
        {
            return visited.WithArgumentList(visited.ArgumentList.WithArguments(SeparatedList(visited.ArgumentList.Arguments.Select((argument, i) =>
                IsOpen(model.GetTypeInfo(node.ArgumentList.Arguments[i].Expression).Type) ? argument.WithExpression(Call($"{Budget}.Nest", argument.Expression)) : argument))));
        }

        if (!method.IsStatic && method.ReducedFrom is null && IsTree(method.ContainingType) && node.ArgumentList.Arguments.Count > 0
            && method.Name is "Add" or "AddFirst" or "AddAfterSelf" or "AddBeforeSelf" or "Replace" or "ReplaceAll" or "ReplaceWith" or "ReplaceNodes" or "ReplaceAttributes"
                or "Insert" or "Merge" or "TryAdd" or "SetElementValue" or "SetValue")
        {
            visited = visited.WithArgumentList(Contents(visited.ArgumentList, node.ArgumentList, method));
            return visited.Expression is MemberAccessExpressionSyntax access && receiver is not null
                ? visited.WithExpression(access.WithExpression(Call($"{Trees}.Container", access.Expression)))
                : visited;
        }

        return visited;
    }

    public override SyntaxNode? VisitAssignmentExpression(AssignmentExpressionSyntax node)
    {
        var visited = (AssignmentExpressionSyntax)base.VisitAssignmentExpression(node)!;
        if (node.Left is ElementAccessExpressionSyntax or MemberAccessExpressionSyntax { Name.Identifier.Text: "Value" }
            && IsTree(model.GetTypeInfo(((node.Left as ElementAccessExpressionSyntax)?.Expression ?? ((MemberAccessExpressionSyntax)node.Left).Expression)).Type)
            && IsTree(model.GetTypeInfo(node.Right).Type))
        {
            var left = visited.Left is ElementAccessExpressionSyntax element ? element.WithExpression(Call($"{Trees}.Container", element.Expression))
                : visited.Left is MemberAccessExpressionSyntax member ? member.WithExpression(Call($"{Trees}.Container", member.Expression))
                : visited.Left;
            return visited.WithLeft(left).WithRight(Call($"{Trees}.Token", visited.Right));
        }

        return SetsLength(node) && model.GetTypeInfo(node.Right).Type?.SpecialType == SpecialType.System_Int32
            ? visited.WithRight(Sized(visited.Right))
            : visited;
    }

    /// <summary>Adds what is missing so that the overload with a timeout is called.</summary>
    private static ArgumentListSyntax TimedRegex(ArgumentListSyntax list, IMethodSymbol method, int withoutOptions)
    {
        if (method.Parameters.FirstOrDefault(parameter => parameter.Type.Name == "TimeSpan") is { } timeout)
        {
            var given = list.Arguments.FirstOrDefault(argument => argument.NameColon?.Name.Identifier.Text == timeout.Name)
                ?? list.Arguments[timeout.Ordinal];
            return list.ReplaceNode(given.Expression, ParseExpression($"{Budget}.RegexTimeout"));
        }

        if (list.Arguments.Count == withoutOptions)
        {
            list = list.AddArguments(Argument(ParseExpression($"{Budget}.NoRegexOptions")));
        }

        return list.AddArguments(Argument(ParseExpression($"{Budget}.RegexTimeout")));
    }

    private static ArgumentListSyntax SizedArguments(ArgumentListSyntax list, IMethodSymbol method)
    {
        var arguments = list.Arguments;
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            var name = argument.NameColon?.Name.Identifier.Text;
            var parameter = name is null ? (i < method.Parameters.Length ? method.Parameters[i] : null) : method.Parameters.FirstOrDefault(item => item.Name == name);
            if (parameter is { Type.SpecialType: SpecialType.System_Int32, RefKind: RefKind.None } && parameter.Name is not ("start" or "index" or "startIndex" or "value"))
            {
                arguments = arguments.Replace(argument, argument.WithExpression(Sized(argument.Expression)));
            }
        }

        return list.WithArguments(arguments);
    }

    private static ExpressionSyntax Sized(ExpressionSyntax size) => Call($"{Budget}.Size", size);

    private static ExpressionSyntax Passed(ExpressionSyntax value) => Call($"{Budget}.Pass", value);

    private static ExpressionSyntax Call(string method, ExpressionSyntax argument, params ExpressionSyntax[] more) =>
        InvocationExpression(ParseExpression(method), ArgumentList(SeparatedList([Argument(argument.WithoutTrivia()), .. more.Select(Argument)])))
            .WithTriviaFrom(argument);

    private static BlockSyntax WithTick(StatementSyntax body) => Block(Tick, body);

    private LambdaExpressionSyntax WithEnter(LambdaExpressionSyntax visited, LambdaExpressionSyntax original)
    {
        if (visited.Block is { } block)
        {
            return visited.WithBlock(block.WithStatements(block.Statements.Insert(0, Enter)));
        }

        var returnsVoid = model.GetSymbolInfo(original).Symbol is IMethodSymbol { ReturnsVoid: true };
        return visited.WithExpressionBody(null).WithBlock(BlockOf(visited.ExpressionBody!, returnsVoid));
    }

    private static BlockSyntax BlockOf(ExpressionSyntax expression, bool returnsVoid)
    {
        var bare = expression.WithoutTrivia();
        StatementSyntax statement = bare is ThrowExpressionSyntax thrown ? ThrowStatement(thrown.Expression)
            : returnsVoid ? ExpressionStatement(bare)
            : ReturnStatement(bare);
        return Block(Enter, statement);
    }
}

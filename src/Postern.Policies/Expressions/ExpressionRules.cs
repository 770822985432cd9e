using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Postern.Policies.Language;

namespace Postern.Policies.Expressions;

/// <summary>Applies the allow-list to one compiled document: to every name, every call and the type of every expression.</summary>
internal sealed class ExpressionRules(SemanticModel model, Action<SyntaxNode, string, string> refuse)
{
    private static readonly SymbolDisplayFormat NameFormat = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces);

    private readonly Dictionary<ISymbol, string?> _verdicts = new(SymbolEqualityComparer.Default);

    private LightExpressions _light;

    public BodyUse Needs { get; private set; }

    /// <summary>True when the expression has something that could run away.</summary>
    public bool NeedsGuard { get; private set; }

    /// <summary>See <see cref="LightExpressions"/>.</summary>
    public bool IsLight => !NeedsGuard && Needs == BodyUse.None && _light.Holds;

    public void Check(SyntaxNode expression)
    {
        _light = default;
        Needs = BodyUse.None;
        NeedsGuard = false;
        foreach (var node in expression.DescendantNodesAndSelf())
        {
            if (ForbiddenConstruct(node) is { } construct)
            {
                refuse(node, PolicyDiagnostics.ForbiddenConstruct, $"{construct} is not allowed in policy expressions.");
                continue;
            }

            CheckSymbols(node);
            if (node is ExpressionSyntax typed)
            {
                CheckType(typed);
            }

            NeedsGuard |= CanRunAway(node);
        }
    }

    private string? ForbiddenConstruct(SyntaxNode node) => node.Kind() switch
    {
        SyntaxKind.UnsafeStatement or SyntaxKind.FixedStatement or SyntaxKind.PointerType or SyntaxKind.FunctionPointerType
            or SyntaxKind.AddressOfExpression or SyntaxKind.PointerIndirectionExpression or SyntaxKind.PointerMemberAccessExpression => "Unsafe code",
        SyntaxKind.StackAllocArrayCreationExpression or SyntaxKind.ImplicitStackAllocArrayCreationExpression => "stackalloc",
        SyntaxKind.GotoStatement or SyntaxKind.GotoCaseStatement or SyntaxKind.GotoDefaultStatement or SyntaxKind.LabeledStatement => "goto",
        SyntaxKind.InterpolationAlignmentClause when model.GetConstantValue(((InterpolationAlignmentClauseSyntax)node).Value) is not { HasValue: true, Value: int and >= -999 and <= 999 } =>
            "A width of more than 999",
        SyntaxKind.InterpolationFormatClause when IsHuge(((InterpolationFormatClauseSyntax)node).FormatStringToken.Text) => "A format of more than 999 digits",
        SyntaxKind.LockStatement => "lock",
        SyntaxKind.AwaitExpression => "await",
        SyntaxKind.TypeOfExpression => "typeof",
        SyntaxKind.SizeOfExpression => "sizeof",
        SyntaxKind.MakeRefExpression or SyntaxKind.RefTypeExpression or SyntaxKind.RefValueExpression or SyntaxKind.ArgListExpression =>
            "A typed reference",
        SyntaxKind.AttributeList => "An attribute",
        SyntaxKind.GlobalStatement or SyntaxKind.ClassDeclaration or SyntaxKind.StructDeclaration => "A declaration",
        SyntaxKind.LocalFunctionStatement when ((LocalFunctionStatementSyntax)node).Modifiers.Any(modifier =>
            modifier.Kind() is SyntaxKind.ExternKeyword or SyntaxKind.UnsafeKeyword or SyntaxKind.AsyncKeyword) => "extern, unsafe or async",
        SyntaxKind.ParenthesizedLambdaExpression or SyntaxKind.SimpleLambdaExpression or SyntaxKind.AnonymousMethodExpression
            when ((AnonymousFunctionExpressionSyntax)node).AsyncKeyword.IsKind(SyntaxKind.AsyncKeyword) => "async",
        _ => null,
    };

    /// <summary><c>ToString("o")</c>: the format is all there is, and it is written out.</summary>
    private static bool HasSmallFormat(InvocationExpressionSyntax call) =>
        call.ArgumentList.Arguments is [{ Expression: LiteralExpressionSyntax { RawKind: (int)SyntaxKind.StringLiteralExpression } format }] && !IsHuge(format.Token.ValueText);

    private static bool IsHuge(string format)
    {
        var number = 0;
        foreach (var c in format)
        {
            number = char.IsAsciiDigit(c) ? (number * 10) + (c - '0') : 0;
            if (number > 999)
            {
                return true;
            }
        }

        return false;
    }

    private void CheckSymbols(SyntaxNode node)
    {
        if (node is SimpleNameSyntax or ElementAccessExpressionSyntax or ImplicitElementAccessSyntax or ElementBindingExpressionSyntax
            or BaseObjectCreationExpressionSyntax or BinaryExpressionSyntax or PrefixUnaryExpressionSyntax or PostfixUnaryExpressionSyntax
            or CastExpressionSyntax or AssignmentExpressionSyntax or PredefinedTypeSyntax or QueryClauseSyntax or SelectOrGroupClauseSyntax
            or OrderingSyntax)
        {
            CheckSymbol(node, model.GetSymbolInfo(node).Symbol);
        }

        if (node is AssignmentExpressionSyntax { Left: var left } && model.GetSymbolInfo(left).Symbol is { IsStatic: true } and (IPropertySymbol or IFieldSymbol))
        {
            refuse(node, PolicyDiagnostics.ForbiddenMember, "Static properties and fields can't be set by policy expressions.");
        }

        if (node is InvocationExpressionSyntax call && model.GetSymbolInfo(call).Symbol is IMethodSymbol method)
        {
            CheckArguments(call, method);
        }
    }

    private void CheckSymbol(SyntaxNode node, ISymbol? symbol)
    {
        if (symbol is not null && Verdict(symbol) is { } reason)
        {
            refuse(node, PolicyDiagnostics.ForbiddenMember, $"{reason} is not allowed in policy expressions.");
            return;
        }

        if (symbol is not null)
        {
            _light.See(symbol);
        }

        if (symbol is IPropertySymbol { ContainingType.Name: "IContext" or "IRequest" or "IResponse" } property
            && property.ContainingNamespace.ToDisplayString() == typeof(IContext).Namespace)
        {
            NoteBody(node, property);
        }
    }

    private void CheckType(ExpressionSyntax expression)
    {
        var type = model.GetTypeInfo(expression);
        if (type.ConvertedType is { TypeKind: TypeKind.Dynamic } || type.Type is { TypeKind: TypeKind.Dynamic })
        {
            refuse(expression, PolicyDiagnostics.ForbiddenConstruct, "dynamic is not allowed in policy expressions.");
        }
        else if (type.Type is { } known && Verdict(known) is { } reason)
        {
            refuse(expression, PolicyDiagnostics.ForbiddenMember, $"{reason} is not allowed in policy expressions.");
        }
    }

    private string? Verdict(ISymbol symbol)
    {
        if (!_verdicts.TryGetValue(symbol, out var verdict))
        {
            _verdicts[symbol] = verdict = Judge(symbol);
        }

        return verdict;
    }

    private string? Judge(ISymbol symbol) => symbol switch
    {
        ITypeSymbol type => JudgeType(type),
        IMethodSymbol { MethodKind: MethodKind.LocalFunction or MethodKind.LambdaMethod or MethodKind.BuiltinOperator } => null,
        IMethodSymbol method => JudgeMember(method.ReducedFrom ?? method, method.MethodKind == MethodKind.Constructor ? ".ctor" : method.Name)
            ?? method.TypeArguments.Select(Verdict).FirstOrDefault(reason => reason is not null),
        IPropertySymbol property => JudgeMember(property, property.IsIndexer ? "this[]" : property.Name),
        IFieldSymbol field => JudgeMember(field, field.Name),
        IEventSymbol => $"Event '{symbol.Name}'",
        _ => null,
    };

    private string? JudgeMember(ISymbol member, string name)
    {
        var type = member.ContainingType;
        if (type is null || type.IsAnonymousType || type.IsTupleType)
        {
            return null;
        }

        if (IsOurs(type))
        {
            // One expression may not call another, nor itself, past the budget.
            return $"'{member.Name}'";
        }

        if (JudgeType(type) is { } refused)
        {
            return refused;
        }

        var typeName = MetadataName(type);
        var full = $"'{type.ToDisplayString(NameFormat)}.{(name == ".ctor" ? type.Name : name)}'";
        if (type.TypeKind == TypeKind.Delegate)
        {
            return name is "Invoke" or ".ctor" ? null : full;
        }

        var members = ExpressionAllowList.Types.GetValueOrDefault(typeName, []);
        var allowed = members.Length == 0
            || (members[0][0] == '!' ? !members.Contains($"!{name}") : members.Contains(name) || IsOperator(member));
        return !allowed || HasRefusedParameter(member, typeName, name) ? full : null;
    }

    private static bool IsOperator(ISymbol member) =>
        member is IMethodSymbol { MethodKind: MethodKind.UserDefinedOperator or MethodKind.Conversion or MethodKind.BuiltinOperator };

    private static bool HasRefusedParameter(ISymbol member, string typeName, string name)
    {
        if (member is not IMethodSymbol method)
        {
            return false;
        }

        foreach (var (type, refusedMember, parameters) in ExpressionAllowList.RefusedOverloads)
        {
            if (type == typeName && refusedMember == name && method.Parameters.Any(parameter =>
                parameters.Contains(MetadataName(parameter.Type)) || parameters.Contains($"{MetadataName(parameter.Type)}:{parameter.Ordinal}")))
            {
                return true;
            }
        }

        return false;
    }

    private string? JudgeType(ITypeSymbol type)
    {
        switch (type)
        {
            case IArrayTypeSymbol array:
                return Verdict(array.ElementType);
            case IPointerTypeSymbol or IFunctionPointerTypeSymbol:
                return "A pointer";
            case IDynamicTypeSymbol:
                return "dynamic";
            case INamedTypeSymbol { TypeKind: TypeKind.Error }:
                return null;
            case INamedTypeSymbol named when IsOurs(named) && !named.IsAnonymousType:
                return "'this'";
            case INamedTypeSymbol { IsAnonymousType: false } named:
                var name = MetadataName(named);
                var listed = ExpressionAllowList.Types.ContainsKey(name)
                    || ExpressionAllowList.Families.Any(family => family.EndsWith('`') ? name.StartsWith(family, StringComparison.Ordinal) : name == family);
                return listed
                    ? named.TypeArguments.Select(Verdict).FirstOrDefault(reason => reason is not null)
                    : $"Type '{named.ToDisplayString(NameFormat)}'";
            default:
                return null;
        }
    }

    /// <summary>Declared by the document's own assembly: the class around the expressions, anonymous types.</summary>
    private bool IsOurs(ITypeSymbol type) => SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, model.Compilation.Assembly);

    private static string MetadataName(ITypeSymbol type)
    {
        var name = type.OriginalDefinition.MetadataName;
        for (var outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            name = $"{outer.OriginalDefinition.MetadataName}+{name}";
        }

        return type.ContainingNamespace is { IsGlobalNamespace: false } space ? $"{space.ToDisplayString()}.{name}" : name;
    }

    /// <summary>Calls whose danger is in a value: names that become types, types that deserialize to something alive.</summary>
    private void CheckArguments(InvocationExpressionSyntax call, IMethodSymbol method)
    {
        var type = method.ContainingType is { } containing ? MetadataName(containing) : "";
        if (type == "System.Security.Cryptography.SymmetricAlgorithm" && method.Name == "Create"
            && (call.ArgumentList.Arguments is not [var only]
                || model.GetConstantValue(only.Expression) is not { HasValue: true, Value: string cipher }
                || !ExpressionAllowList.CipherNames.Contains(cipher)))
        {
            refuse(call, PolicyDiagnostics.ForbiddenMember,
                $"SymmetricAlgorithm.Create is allowed with one of these constants only: {string.Join(", ", ExpressionAllowList.CipherNames)}.");
        }

        if (type == "System.Security.Cryptography.RSA" && method.Name == "Create" && method.Parameters is [{ Type.SpecialType: SpecialType.System_String }])
        {
            refuse(call, PolicyDiagnostics.ForbiddenMember, "RSA.Create by name is not allowed in policy expressions.");
        }

        if (type.StartsWith("Newtonsoft.", StringComparison.Ordinal)
            && method.TypeArguments.Any(argument => MetadataName(argument).StartsWith("System.Security.", StringComparison.Ordinal)))
        {
            refuse(call, PolicyDiagnostics.ForbiddenMember, "Cryptographic types can't be made from JSON in policy expressions.");
        }
    }

    private void NoteBody(SyntaxNode name, IPropertySymbol property)
    {
        var access = name.Parent is MemberAccessExpressionSyntax { Name: var member } memberAccess && member == name ? memberAccess : name;
        while (access.Parent is ParenthesizedExpressionSyntax parenthesized)
        {
            access = parenthesized;
        }

        var use = property.Name switch
        {
            "Request" => BodyUse.Request,
            "Response" => BodyUse.Response,
            _ => BodyUse.None,
        };
        if (property.ContainingType.Name != "IContext" || use == BodyUse.None || StaysOutsideBody(access))
        {
            return;
        }

        Needs |= use;
    }

    /// <summary>
    /// True when what happens to <c>context.Request</c> can't reach its content: another member, or a test for null. Anything else,
    /// such as keeping it in a variable, counts as reading the body.
    /// </summary>
    private static bool StaysOutsideBody(SyntaxNode access) => access.Parent switch
    {
        MemberAccessExpressionSyntax { Name.Identifier.Text: "Body" } body when body.Expression == access => IsNullTest(body),
        MemberAccessExpressionSyntax member when member.Expression == access => true,
        ConditionalAccessExpressionSyntax conditional when conditional.Expression == access => ReadsNoBody(conditional),
        _ => IsNullTest(access),
    };

    private static bool ReadsNoBody(ConditionalAccessExpressionSyntax access) =>
        access.WhenNotNull.DescendantNodesAndSelf().OfType<MemberBindingExpressionSyntax>().FirstOrDefault() is { Name.Identifier.Text: not "Body" };

    private static bool IsNullTest(SyntaxNode node) => node.Parent switch
    {
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.EqualsExpression or (int)SyntaxKind.NotEqualsExpression } test =>
            (test.Left == node ? test.Right : test.Left).IsKind(SyntaxKind.NullLiteralExpression),
        IsPatternExpressionSyntax { Pattern: ConstantPatternSyntax { Expression.RawKind: (int)SyntaxKind.NullLiteralExpression } } => true,
        IsPatternExpressionSyntax { Pattern: UnaryPatternSyntax { Pattern: ConstantPatternSyntax { Expression.RawKind: (int)SyntaxKind.NullLiteralExpression } } } => true,
        _ => false,
    };

    private bool CanRunAway(SyntaxNode node) => node switch
    {
        WhileStatementSyntax or DoStatementSyntax or ForStatementSyntax or CommonForEachStatementSyntax => true,
        AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or QueryExpressionSyntax => true,
        ArrayCreationExpressionSyntax or ImplicitObjectCreationExpressionSyntax => true,
        ObjectCreationExpressionSyntax creation => model.GetSymbolInfo(creation).Symbol?.ContainingType is { } type && ExpressionGuard.IsSized(type),
        InvocationExpressionSyntax call => model.GetSymbolInfo(call).Symbol is IMethodSymbol method
            && (ExpressionGuard.IsSizedCall(method) || (ExpressionGuard.TakesFormat(method) && !HasSmallFormat(call))),
        AssignmentExpressionSyntax assignment => ExpressionGuard.SetsLength(assignment),
        IdentifierNameSyntax name => ExpressionGuard.IsCertificateVerification(name, model),
        _ => false,
    };
}

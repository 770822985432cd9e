using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Postern.Policies.Language;

namespace Postern.Policies.Expressions;

/// <summary>
/// Applies the allow-list to one compiled document: to every name, every call and the type of every expression. Asking the compiler
/// is what costs here, so it is asked once where two pieces of syntax say the same: <c>a.B(c)</c> is a call, an access and a name, and the name
/// knows all of it.
/// </summary>
internal sealed class ExpressionRules(SemanticModel model, SymbolVerdicts verdicts, Action<SyntaxNode, string, string> refuse)
{
    private LightExpressions _light;
    private BodyUse _needs;
    private bool _needsGuard;
    private bool _hasPairs;
    private int _parts;

    public ExpressionFindings Check(SyntaxNode expression)
    {
        _light = default;
        _needs = BodyUse.None;
        _needsGuard = _hasPairs = false;
        _parts = 0;
        foreach (var node in expression.DescendantNodesAndSelf())
        {
            if (ForbiddenConstructs.Name(node, model) is { } construct)
            {
                refuse(node, PolicyDiagnostics.ForbiddenConstruct, $"{construct} is not allowed in policy expressions.");
                continue;
            }

            CheckNode(node);
            _needsGuard |= RunawaySigns.Has(node);
            _parts += GrowthGuard.IsPart(node) ? 1 : 0;
        }

        _needsGuard |= _hasPairs || _parts > GrowthGuard.MostParts;
        return new(_needs, _needsGuard, IsLight: !_needsGuard && _needs == BodyUse.None && _light.Holds, _hasPairs);
    }

    private void CheckNode(SyntaxNode node)
    {
        switch (node)
        {
            case SimpleNameSyntax name:
                CheckName(name);
                break;
            case InvocationExpressionSyntax call when NameOf(call.Expression) is null:
                CheckUnnamedCall(call);
                break;
            case InvocationExpressionSyntax or MemberAccessExpressionSyntax or MemberBindingExpressionSyntax or ParenthesizedExpressionSyntax:
                break; // The name, or what is in the brackets, says it.
            case LiteralExpressionSyntax literal when IsPlain(literal):
                break;
            case BaseObjectCreationExpressionSyntax:
                CheckCreation((BaseObjectCreationExpressionSyntax)node);
                break;
            case AssignmentExpressionSyntax assignment:
                CheckSymbol(node, model.GetSymbolInfo(node).Symbol);
                CheckTarget(assignment);
                CheckType(assignment);
                break;
            case BinaryExpressionSyntax or ElementAccessExpressionSyntax or ImplicitElementAccessSyntax or ElementBindingExpressionSyntax
                or PrefixUnaryExpressionSyntax or PostfixUnaryExpressionSyntax or CastExpressionSyntax or PredefinedTypeSyntax:
                CheckSymbolAndType((ExpressionSyntax)node);
                break;
            case QueryClauseSyntax or SelectOrGroupClauseSyntax or OrderingSyntax:
                CheckSymbol(node, model.GetSymbolInfo(node).Symbol);
                break;
            case ExpressionSyntax other:
                CheckType(other);
                break;
        }
    }

    private void CheckName(SimpleNameSyntax name)
    {
        var found = model.GetSymbolInfo(name);
        var symbol = found.Symbol;
        var whole = Whole(name);
        CheckSymbol(symbol is ITypeSymbol ? whole : name, symbol);
        _needsGuard |= name is IdentifierNameSyntax identifier && CertificateGuard.Concerns(identifier, symbol);
        if (name.Parent is NameColonSyntax)
        {
            CheckType(name); // The name of a parameter says nothing about what is given.
            return;
        }

        var call = whole.Parent is InvocationExpressionSyntax parent && parent.Expression == whole ? parent : null;
        if (call is not null && symbol is IMethodSymbol method)
        {
            CheckCall(call, method);
            CheckType(call, method.ReturnType);
            return;
        }

        if (call is null && symbol is null or IMethodSymbol)
        {
            CheckPassedOn(name, symbol is null ? found.CandidateSymbols : [symbol]);
        }

        if (TypeOf(symbol) is { } type)
        {
            CheckType(whole, type);
        }
        else
        {
            CheckType(whole);
        }

        if (call is not null)
        {
            CheckUnnamedCall(call);
        }
    }

    /// <summary>
    /// A method that becomes a delegate. The guard rewrites calls, so what it would rewrite can't be passed on. As an <c>object</c> a method
    /// has no symbol of its own, only candidates.
    /// </summary>
    private void CheckPassedOn(SimpleNameSyntax name, IEnumerable<ISymbol> candidates)
    {
        foreach (var method in candidates.OfType<IMethodSymbol>())
        {
            if (verdicts.Refusal(method) is { } reason)
            {
                refuse(name, PolicyDiagnostics.ForbiddenMember, $"{reason} is not allowed in policy expressions.");
            }
            else if (RunawaySigns.IsRewritten(method))
            {
                refuse(name, PolicyDiagnostics.ForbiddenMember, $"'{method.Name}' can be called, but not passed on as a delegate; write a lambda that calls it.");
            }
        }
    }

    /// <summary>A call of what an expression gives: <c>f(1)(2)</c>, or of a delegate in a variable.</summary>
    private void CheckUnnamedCall(InvocationExpressionSyntax call)
    {
        if (model.GetSymbolInfo(call).Symbol is IMethodSymbol method)
        {
            CheckCall(call, method);
        }

        CheckType(call);
    }

    private void CheckCall(InvocationExpressionSyntax call, IMethodSymbol method)
    {
        if (DangerousArguments.Refusal(call, method, model) is { } reason)
        {
            refuse(call, PolicyDiagnostics.ForbiddenMember, reason);
        }

        _needsGuard |= RunawaySigns.HasCall(call, method);
    }

    private void CheckCreation(BaseObjectCreationExpressionSyntax creation)
    {
        var symbol = model.GetSymbolInfo(creation).Symbol;
        CheckSymbol(creation, symbol);
        CheckType(creation);
        _needsGuard |= symbol?.ContainingType is { } type && RunawaySigns.HasMade(type);
    }

    private void CheckTarget(AssignmentExpressionSyntax assignment)
    {
        if (ForbiddenTargets.Name(assignment, model) is { } target)
        {
            refuse(assignment, PolicyDiagnostics.ForbiddenConstruct, $"{target} is not allowed in policy expressions.");
        }

        if (model.GetSymbolInfo(assignment.Left).Symbol is { IsStatic: true } and (IPropertySymbol or IFieldSymbol))
        {
            refuse(assignment, PolicyDiagnostics.ForbiddenMember, "Static properties and fields can't be set by policy expressions.");
        }
    }

    private void CheckSymbolAndType(ExpressionSyntax expression)
    {
        var symbol = model.GetSymbolInfo(expression).Symbol;
        CheckSymbol(expression, symbol);
        if (expression is BinaryExpressionSyntax && symbol is IMethodSymbol { ReturnType: { } result })
        {
            CheckType(expression, result);
        }
        else if (expression is not PredefinedTypeSyntax || symbol is null)
        {
            CheckType(expression);
        }
    }

    private void CheckSymbol(SyntaxNode node, ISymbol? symbol)
    {
        if (symbol is null)
        {
            return;
        }

        if (verdicts.Refusal(symbol) is { } reason)
        {
            refuse(node, PolicyDiagnostics.ForbiddenMember, $"{reason} is not allowed in policy expressions.");
            return;
        }

        _light.See(symbol);
        _needs |= BodyReads.Of(node, symbol);
    }

    private void CheckType(ExpressionSyntax expression)
    {
        var type = model.GetTypeInfo(expression);
        if (type.ConvertedType is { TypeKind: TypeKind.Dynamic } dynamic)
        {
            CheckType(expression, dynamic);
        }
        else if (type.Type is { } known)
        {
            CheckType(expression, known);
        }
    }

    private void CheckType(ExpressionSyntax expression, ITypeSymbol type)
    {
        _hasPairs |= NestingGuard.IsPair(type);
        if (type.TypeKind == TypeKind.Dynamic)
        {
            refuse(expression, PolicyDiagnostics.ForbiddenConstruct, "dynamic is not allowed in policy expressions.");
        }
        else if (verdicts.Refusal(type) is { } reason)
        {
            refuse(expression, PolicyDiagnostics.ForbiddenMember, $"{reason} is not allowed in policy expressions.");
        }
    }

    /// <summary>
    /// The type that a name has for sure; null when the compiler must be asked. What it is converted to needs no look: only to <c>dynamic</c>
    /// would matter, and no allowed member takes or gives that, so it would have to be written somewhere.
    /// </summary>
    private static ITypeSymbol? TypeOf(ISymbol? symbol) => symbol switch
    {
        ITypeSymbol type => type,
        IPropertySymbol property => property.Type,
        ILocalSymbol local => local.Type,
        IParameterSymbol parameter => parameter.Type,
        IFieldSymbol field => field.Type,
        _ => null,
    };

    /// <summary>The name that a call calls: <c>B</c> of <c>B(…)</c>, <c>a.B(…)</c> and <c>a?.B(…)</c>.</summary>
    private static SimpleNameSyntax? NameOf(ExpressionSyntax called) => called switch
    {
        SimpleNameSyntax name => name,
        MemberAccessExpressionSyntax access => access.Name,
        MemberBindingExpressionSyntax binding => binding.Name,
        _ => null,
    };

    /// <summary><c>a.B</c> of <c>B</c>.</summary>
    private static ExpressionSyntax Whole(SimpleNameSyntax name) => name.Parent switch
    {
        MemberAccessExpressionSyntax access when access.Name == name => access,
        MemberBindingExpressionSyntax binding => binding,
        _ => name,
    };

    /// <summary>Of a type that is always allowed.</summary>
    private static bool IsPlain(LiteralExpressionSyntax literal) => literal.Kind() is SyntaxKind.StringLiteralExpression or SyntaxKind.CharacterLiteralExpression
        or SyntaxKind.NumericLiteralExpression or SyntaxKind.TrueLiteralExpression or SyntaxKind.FalseLiteralExpression or SyntaxKind.NullLiteralExpression;
}

using Microsoft.CodeAnalysis;

namespace Postern.Policies.Expressions;

/// <summary>What the allow-list says of the symbols of one compilation, each judged once. For one thread.</summary>
/// <param name="own">The assembly that is being compiled. None of its types may be named: one expression can't reach another.</param>
internal sealed class SymbolVerdicts(IAssemblySymbol own)
{
    private static readonly SymbolDisplayFormat NameFormat = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces);

    /// <summary>Characters. The compiler works constants out, and <c>const string b = a + a;</c> doubles them.</summary>
    private const int MaxConstant = 256 * 1024;

    /// <summary>Parts of a type.</summary>
    private const int MaxTypes = 1000;

    private readonly Dictionary<ISymbol, string?> _verdicts = new(SymbolEqualityComparer.Default);

    /// <returns>What is not allowed; null when it is.</returns>
    public string? Refusal(ISymbol symbol)
    {
        if (symbol is ILocalSymbol { IsConst: true, ConstantValue: string { Length: > MaxConstant } })
        {
            throw new ExpressionTooLargeException($"A constant has more than {MaxConstant} characters.");
        }

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
            ?? FirstRefusal(method.TypeArguments),
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

        if (type.TypeKind == TypeKind.Delegate)
        {
            return name is "Invoke" or ".ctor" ? null : FullName(type, name);
        }

        var typeName = type.MetadataName();
        var members = ExpressionAllowList.Types.GetValueOrDefault(typeName, []);
        var allowed = members.Length == 0
            || (members[0][0] == '!' ? !members.Contains($"!{name}") : members.Contains(name) || IsOperator(member));
        return !allowed || HasRefusedParameter(member, typeName, name) ? FullName(type, name) : null;
    }

    private static string FullName(ITypeSymbol type, string member) => $"'{type.ToDisplayString(NameFormat)}.{(member == ".ctor" ? type.Name : member)}'";

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
                parameters.Contains(parameter.Type.MetadataName()) || parameters.Contains($"{parameter.Type.MetadataName()}:{parameter.Ordinal}")))
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
                return Refusal(array.ElementType);
            case IPointerTypeSymbol or IFunctionPointerTypeSymbol:
                return "A pointer";
            case IDynamicTypeSymbol:
                return "dynamic";
            case INamedTypeSymbol { TypeKind: TypeKind.Error }:
                return null;
            case INamedTypeSymbol named when IsOurs(named) && !named.IsAnonymousType:
                return "'this'";
            case INamedTypeSymbol big when Size(big, MaxTypes) > MaxTypes:
                throw new ExpressionTooLargeException("A type made of tuples, objects without names or generics has more than a thousand parts.");
            case INamedTypeSymbol { IsAnonymousType: false } named:
                var name = named.MetadataName();
                var listed = ExpressionAllowList.Types.ContainsKey(name)
                    || ExpressionAllowList.Families.Any(family => family.EndsWith('`') ? name.StartsWith(family, StringComparison.Ordinal) : name == family);
                return listed ? FirstRefusal(named.TypeArguments) : $"Type '{named.ToDisplayString(NameFormat)}'";
            default:
                return null;
        }
    }

    /// <summary>How many types it names. Each <c>var b = (a, a);</c> doubles it, and the compiler writes all of them out.</summary>
    private static int Size(ITypeSymbol type, int most)
    {
        var size = 1;
        while (type is IArrayTypeSymbol array)
        {
            size++;
            type = array.ElementType;
        }

        if (type is INamedTypeSymbol named)
        {
            foreach (var argument in named.IsAnonymousType ? named.GetMembers().OfType<IPropertySymbol>().Select(property => property.Type) : named.TypeArguments)
            {
                size += size > most ? 0 : Size(argument, most - size);
            }
        }

        return size;
    }

    private string? FirstRefusal(IEnumerable<ITypeSymbol> types) => types.Select(Refusal).FirstOrDefault(reason => reason is not null);

    /// <summary>Declared by the document's own assembly: the class around the expressions, anonymous types.</summary>
    private bool IsOurs(ITypeSymbol type) => SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, own);
}

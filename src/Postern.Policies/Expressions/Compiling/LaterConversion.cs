using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Postern.Policies.Expressions;

/// <summary>A place that wants a number or a truth value also takes text or an object and converts it when the request comes.</summary>
internal static class LaterConversion
{
    /// <summary>True when some expression was switched to that.</summary>
    /// <param name="model">Of <see cref="ExpressionUnit.Tree"/>, which <paramref name="errors"/> are about.</param>
    public static bool Allow(ExpressionUnit unit, SemanticModel model, IEnumerable<Diagnostic> errors)
    {
        var allowed = false;
        foreach (var error in errors.Where(error => error.Id is "CS0029" or "CS0266"))
        {
            var index = unit.Text.IndexOf(error.Location.SourceSpan.Start);
            if (index < 0 || unit.Expressions[index].Untyped)
            {
                continue;
            }

            var node = unit.Methods[index].FindNode(error.Location.SourceSpan, getInnermostNodeForTie: true);
            if (node is ExpressionSyntax && model.GetTypeInfo(node).Type is { } type && IsConvertible(type))
            {
                unit.Expressions[index].Untyped = allowed = true;
            }
        }

        return allowed;
    }

    private static bool IsConvertible(ITypeSymbol type) =>
        type.SpecialType is SpecialType.System_Object or SpecialType.System_String
            or (>= SpecialType.System_SByte and <= SpecialType.System_Double)
        || type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T
        || type.Name is "JToken" or "JValue";
}

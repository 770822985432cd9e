using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Postern.Policies.Expressions;

/// <summary>
/// Trees of JSON and XML get no deeper than their libraries bear: what is put into one, and what one is made of, goes through
/// <see cref="ExpressionTrees"/>.
/// </summary>
internal static class TreeGuard
{
    private const string Container = $"{GuardCalls.Trees}.{nameof(ExpressionTrees.Container)}";
    private const string AnyContent = $"{GuardCalls.Trees}.{nameof(ExpressionTrees.Content)}";
    private const string Text = $"{GuardCalls.Trees}.{nameof(ExpressionTrees.Text)}";
    private const string Token = $"{GuardCalls.Trees}.{nameof(ExpressionTrees.Token)}";

    /// <summary>Methods that make a tree of something else, or search in one.</summary>
    public static bool Concerns(IMethodSymbol method) => (method.ContainingType?.Name, method.Name) switch
    {
        ("JsonConvert", "SerializeObject") => true,
        ("JToken" or "JObject" or "JArray", "FromObject") => true,
        ("XElement" or "XDocument", "Parse" or "Load") or ("XmlReader", "Create") => true,
        ("JToken", "SelectToken" or "SelectTokens") => true,
        _ => false,
    };

    /// <summary>Of JSON or XML, or a general collection of it.</summary>
    public static bool IsTree(ITypeSymbol? type) => type is INamedTypeSymbol named
        && (named.IsIn("Newtonsoft", "Json", "Linq") || named.IsIn("System", "Xml", "Linq")
            ? named.Name is not ("XName" or "XNamespace" or "XDeclaration" or "JTokenType" or "Extensions")
            : named.TypeKind == TypeKind.Interface && named.Name is "IList" or "ICollection" or "IDictionary" && named.TypeArguments.Any(item => IsTree(item) || IsPair(item)))
        || (type is ITypeParameterSymbol parameter && parameter.ConstraintTypes.Any(IsTree));

    /// <summary>A property of an object as the general collections see it.</summary>
    private static bool IsPair(ITypeSymbol type) => type is INamedTypeSymbol { Name: "KeyValuePair" } pair && pair.TypeArguments.Any(IsTree);

    public static InvocationExpressionSyntax Call(InvocationExpressionSyntax visited, IMethodSymbol method)
    {
        switch (method.Name)
        {
            case "SerializeObject" when method.Parameters.Length <= 2 && method.Parameters[^1].Type.Name is "Object" or "Formatting":
                return visited.WithExpression(ParseExpression($"{GuardCalls.Trees}.{nameof(ExpressionTrees.SerializeObject)}"));
            case "SerializeObject" or "FromObject":
                return WithFirst(visited, $"{GuardCalls.Trees}.{nameof(ExpressionTrees.Graph)}");
            case "Parse":
                return WithFirst(visited, $"{GuardCalls.Budget}.{nameof(ExpressionBudget.Xml)}");
            case "Load" or "Create":
                return method.Parameters[0].Type.Name == "TextReader" ? WithFirst(visited, Text) : visited;
            default:
                return GuardCalls.Instead(visited, method.Name == "SelectToken" ? nameof(ExpressionBudget.FindToken) : nameof(ExpressionBudget.FindTokens));
        }
    }

    public static bool Puts(IMethodSymbol method) => method is { IsStatic: false, ReducedFrom: null }
        && method.Name is "Add" or "AddFirst" or "AddAfterSelf" or "AddBeforeSelf" or "Replace" or "ReplaceAll" or "ReplaceWith" or "ReplaceNodes" or "ReplaceAttributes"
            or "Insert" or "Merge" or "TryAdd" or "SetElementValue" or "SetValue"
        && IsTree(method.ContainingType);

    /// <summary>Calls that put something into a tree; others stay as they are.</summary>
    public static InvocationExpressionSyntax Put(InvocationExpressionSyntax visited, InvocationExpressionSyntax original, IMethodSymbol method, SemanticModel model) =>
        original.ArgumentList.Arguments.Count > 0 && Puts(method)
            ? GuardCalls.WithReceiverIn(visited.WithArgumentList(Contents(visited.ArgumentList, original.ArgumentList, model)), nameof(ExpressionTrees.Container))
            : visited;

    /// <summary>What goes into a tree when it is made or filled.</summary>
    public static ArgumentListSyntax Contents(ArgumentListSyntax visited, ArgumentListSyntax original, SemanticModel model) =>
        visited.WithArguments(SeparatedList(visited.Arguments.Select((argument, i) => argument.RefKindKeyword.IsKind(SyntaxKind.None)
            ? argument.WithExpression(Content(argument.Expression, original.Arguments[i].Expression, model))
            : argument)));

    /// <summary><c>new JObject { … }</c>, and <c>new JProperty("a", new JObject()) { Value = { … } }</c>.</summary>
    public static InitializerExpressionSyntax Initializer(InitializerExpressionSyntax visited, InitializerExpressionSyntax original, SemanticModel model) =>
        original.Parent is BaseObjectCreationExpressionSyntax creation && IsTree(model.GetTypeInfo(creation).Type) || original.Parent is AssignmentExpressionSyntax
            ? visited.WithExpressions(SeparatedList(visited.Expressions.Select((expression, i) => expression switch
            {
                AssignmentExpressionSyntax { Right: not InitializerExpressionSyntax } assignment => assignment.WithRight(Content(assignment.Right, ((AssignmentExpressionSyntax)original.Expressions[i]).Right, model)),
                AssignmentExpressionSyntax => expression,
                InitializerExpressionSyntax pair => pair.WithExpressions(SeparatedList(pair.Expressions.Select((part, j) =>
                    Content(part, ((InitializerExpressionSyntax)original.Expressions[i]).Expressions[j], model)))),
                _ => Content(expression, original.Expressions[i], model),
            })))
            : visited;

    /// <summary><c>tree["a"] = part</c> and <c>property.Value = part</c>.</summary>
    /// <returns>Null when it is no such assignment.</returns>
    public static AssignmentExpressionSyntax? Assignment(AssignmentExpressionSyntax visited, AssignmentExpressionSyntax original, SemanticModel model)
    {
        var target = original.Left switch
        {
            ElementAccessExpressionSyntax element => element.Expression,
            MemberAccessExpressionSyntax { Name.Identifier.Text: "Value" } member => member.Expression,
            _ => null,
        };
        if (target is null || !IsTree(model.GetTypeInfo(target).Type) || model.GetTypeInfo(original.Right).Type is var given && !IsTree(given) && given is not ITypeParameterSymbol)
        {
            return null;
        }

        var left = visited.Left switch
        {
            ElementAccessExpressionSyntax element => element.WithExpression(GuardCalls.Call(Container, element.Expression)),
            MemberAccessExpressionSyntax member => member.WithExpression(GuardCalls.Call(Container, member.Expression)),
            _ => visited.Left,
        };
        return visited.WithLeft(left).WithRight(GuardCalls.Call(Token, visited.Right));
    }

    private static ExpressionSyntax Content(ExpressionSyntax visited, ExpressionSyntax original, SemanticModel model)
    {
        var given = model.GetTypeInfo(original);
        var isObject = given.ConvertedType?.SpecialType == SpecialType.System_Object;
        return given.Type switch
        {
            IArrayTypeSymbol => GuardCalls.Call(Token, visited),
            { } type when IsTree(type) || IsPair(type) => GuardCalls.Call(Token, visited),
            ITypeParameterSymbol => GuardCalls.Call(isObject ? AnyContent : Token, visited),
            { SpecialType: not SpecialType.System_String, IsReferenceType: true } when isObject => GuardCalls.Call(AnyContent, visited),
            _ => visited,
        };
    }

    private static InvocationExpressionSyntax WithFirst(InvocationExpressionSyntax call, string method)
    {
        var first = call.ArgumentList.Arguments[0];
        return call.WithArgumentList(call.ArgumentList.ReplaceNode(first, first.WithExpression(GuardCalls.Call(method, first.Expression))));
    }
}

using Postern.Policies.Language;

namespace Postern.Policies;

/// <summary>What a tool that offers policies needs to know of one: its element, what it does, where it may stand.</summary>
/// <param name="Name">Element name, such as <c>rate-limit</c>.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Scopes">Scopes of documents that may hold it.</param>
public sealed record PolicyDescription(string Name, string Summary, IReadOnlyList<PolicyScope> Scopes)
{
    private static readonly PolicyScope[] Documents = [PolicyScope.Global, PolicyScope.Product, PolicyScope.Api, PolicyScope.Operation];

    /// <summary>Every policy that this gateway runs as an element of its own, ordered by name.</summary>
    public static IReadOnlyList<PolicyDescription> All { get; } =
    [
        .. from definition in PolicyCatalogue.All
           where !definition.Syntax.PartOnly
           select new PolicyDescription(definition.Syntax.Name, definition.Syntax.Summary, definition.Syntax.Scopes ?? Documents),
    ];
}

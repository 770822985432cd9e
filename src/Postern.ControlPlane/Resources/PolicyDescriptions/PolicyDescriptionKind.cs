using System.Text.Json.Nodes;
using Postern.Policies;

namespace Postern.ControlPlane.Resources.PolicyDescriptions;

/// <summary>The catalogue of policies with the scopes that each may stand in; made from the policies themselves.</summary>
internal sealed class PolicyDescriptionKind() : ResourceKind("Microsoft.ApiManagement/service/policyDescriptions")
{
    /// <summary>The contract's names of scopes, with the bits that stand for them in answers.</summary>
    private static readonly (string Name, PolicyScope Scope, int Flag)[] Scopes =
    [
        ("Tenant", PolicyScope.Global, 1),
        ("Product", PolicyScope.Product, 2),
        ("Api", PolicyScope.Api, 4),
        ("Operation", PolicyScope.Operation, 8),
    ];

    public override Verbs Verbs => Verbs.List;

    public override ArmError? CheckQuery(ArmQuery query) =>
        query["scope"] is { } scope && Flags(scope) == 0
            ? ArmErrors.BadRequest($"'scope' must be one of {string.Join(", ", Scopes.Select(one => one.Name))}, All.", "scope")
            : null;

    public override ValueTask<IReadOnlyList<JsonObject>?> ComputeAsync(ResourceView parent, CancellationToken cancellation)
    {
        var wanted = Flags(parent.Call.Query["scope"] ?? "All");
        return new(
        [
            .. from policy in PolicyDescription.All
               let flags = Scopes.Where(scope => policy.Scopes.Contains(scope.Scope)).Sum(scope => scope.Flag)
               where (flags & wanted) != 0
               select new JsonObject
               {
                   ["id"] = $"{parent.Row.Id}/{Segment}/{policy.Name}",
                   ["name"] = policy.Name,
                   ["type"] = Type,
                   ["properties"] = new JsonObject { ["description"] = policy.Summary, ["scope"] = flags },
               },
        ]);
    }

    /// <summary>0 for a scope that there is not.</summary>
    private static int Flags(string scope) =>
        string.Equals(scope, "All", StringComparison.OrdinalIgnoreCase)
            ? Scopes.Sum(one => one.Flag)
            : Scopes.FirstOrDefault(one => string.Equals(one.Name, scope, StringComparison.OrdinalIgnoreCase)).Flag;
}

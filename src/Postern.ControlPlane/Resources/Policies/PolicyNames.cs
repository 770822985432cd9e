namespace Postern.ControlPlane.Resources.Policies;

/// <summary>How policy documents are called in messages and snapshots: <c>global</c>, <c>products/p</c>, <c>apis/a/operations/o</c>, <c>policyFragments/f</c>.</summary>
internal static class PolicyNames
{
    /// <param name="id">ARM id of a policy or fragment.</param>
    public static string Of(string id)
    {
        var below = id[References.ServiceOf(id).Length..].Trim('/');
        const string policy = "policies/policy";
        return below.Equals(policy, StringComparison.OrdinalIgnoreCase) ? "global"
            : below.EndsWith("/" + policy, StringComparison.OrdinalIgnoreCase) ? below[..^(policy.Length + 1)]
            : below;
    }
}

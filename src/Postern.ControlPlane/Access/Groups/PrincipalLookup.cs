using Postern.ControlPlane.Access.Arm;

namespace Postern.ControlPlane.Access.Groups;

/// <summary>Finds out what kind of principal an object id belongs to, for role assignments that don't say.</summary>
internal sealed class PrincipalLookup(GraphClient? graph)
{
    private const string TypePrefix = "#microsoft.graph.";

    /// <returns>
    /// <c>User</c>, <c>Group</c> or <c>ServicePrincipal</c>; <c>User</c>, the contract's default, when there is nobody to ask or no answer.
    /// Null when the directory knows no such object.
    /// </returns>
    public async ValueTask<string?> TypeOfAsync(string principalId, CancellationToken cancellation)
    {
        if (graph is null)
        {
            return "User";
        }

        var (answer, problem) = await graph.CallAsync($"directoryObjects/{Uri.EscapeDataString(principalId)}", null, cancellation);
        if (problem is not null)
        {
            return "User";
        }

        return RoleBodies.Text(answer?["@odata.type"]) switch
        {
            TypePrefix + "group" => "Group",
            TypePrefix + "servicePrincipal" => "ServicePrincipal",
            null => null,
            _ => "User",
        };
    }
}

using Postern.ControlPlane.Access.Groups;
using Postern.ControlPlane.Access.Rbac;
using Postern.ControlPlane.Resources;

namespace Postern.ControlPlane.Access.Arm;

/// <summary><c>permissions</c>: what the caller may do at a scope, as the permissions of the roles that apply there.</summary>
internal sealed class PermissionType(StoredRoles roles, IGroupMembership groups) : IAuthorizationType
{
    public string Name => "permissions";

    public IReadOnlyCollection<string> Operations { get; } = ["read"];

    public async ValueTask<ArmResponse> ListAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation)
    {
        var all = await roles.CurrentAsync(cancellation);
        string[] callers = [call.Caller.ObjectId, .. await groups.GroupsOfAsync(call.Caller.ObjectId, cancellation) ?? []];
        return AuthorizationAnswers.List(
            from assignment in all.Assignments
            where callers.Contains(assignment.PrincipalId, StringComparer.OrdinalIgnoreCase) && ArmScope.Includes(assignment.Scope, address.Scope)
            where all.Roles.ContainsKey(assignment.RoleName)
            from permission in all.Roles[assignment.RoleName].Permissions
            select RoleBodies.Permission(permission));
    }

    public ValueTask<ArmResponse> GetAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation) =>
        new(ArmErrors.UnknownType($"{address.Type}/{address.Name}"));

    public ValueTask<ArmResponse> PutAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation) =>
        new(ArmErrors.MethodNotAllowed(call.Method, address.Type));

    public ValueTask<ArmResponse> DeleteAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation) =>
        new(ArmErrors.MethodNotAllowed(call.Method, address.Type));
}

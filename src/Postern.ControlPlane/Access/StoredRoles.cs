using Postern.ControlPlane.Access.Arm;
using Postern.ControlPlane.Access.Rbac;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Access;

/// <summary>The role data of this control plane's store, together with the built-in roles.</summary>
internal sealed class StoredRoles : IDisposable
{
    private readonly IResourceStore _store;
    private readonly StoreView<RoleSet> _view;
    private readonly string _tenantId;

    public StoredRoles(IResourceStore store, string tenantId)
    {
        _store = store;
        _tenantId = tenantId;
        _view = StoreView<RoleSet>.Of(store, type => type.StartsWith(AuthorizationIds.Namespace + "/", StringComparison.OrdinalIgnoreCase), ReadAsync);
    }

    public ValueTask<RoleSet> CurrentAsync(CancellationToken cancellation) => _view.CurrentAsync(cancellation);

    public void Dispose() => _view.Dispose();

    private async ValueTask<RoleSet> ReadAsync(CancellationToken cancellation)
    {
        var roles = BuiltInRoles.All.ToDictionary(role => role.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var row in await _store.ListAsync("", AuthorizationIds.RoleDefinitions, 0, null, cancellation))
        {
            roles.TryAdd(row.Name, RoleBodies.Definition(row.Name, RoleBodies.Body(row)));
        }

        var assignments = await _store.ListAsync("", AuthorizationIds.RoleAssignments, 0, null, cancellation);
        var denies = await _store.ListAsync("", AuthorizationIds.DenyAssignments, 0, null, cancellation);
        return new(
            roles,
            [.. assignments.Select(row => RoleBodies.Assignment(row.Id, RoleBodies.Body(row))).OfType<RoleAssignment>()],
            [.. denies.Select(row => RoleBodies.Deny(row.Id, RoleBodies.Body(row)))],
            // The root management group has the tenant's id and is above every subscription.
            [$"/providers/Microsoft.Management/managementGroups/{_tenantId}"]);
    }
}

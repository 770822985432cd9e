using System.Text.Json.Nodes;
using Postern.ControlPlane.Access.Rbac;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Access.Arm;

/// <summary><c>denyAssignments</c>: only read here, as in the product, where the platform makes them.</summary>
internal sealed class DenyAssignmentType(IResourceStore store) : IAuthorizationType
{
    public string Name => "denyAssignments";

    public IReadOnlyCollection<string> Operations { get; } = ["read"];

    public async ValueTask<ArmResponse> ListAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation)
    {
        if (AuthorizationFilter.Parse(call.Query.Filter, ["denyassignmentname", "principalid", "gdprexportprincipalid"], ["atscope"]) is not { } filter)
        {
            return ArmErrors.BadRequest("The $filter may hold atScope(), denyAssignmentName eq '…', principalId eq '…', gdprExportPrincipalId eq '…', joined by and.", "$filter");
        }

        var rows = await store.ListAsync("", AuthorizationIds.DenyAssignments, 0, null, cancellation);
        return AuthorizationAnswers.List(
            from row in rows
            let deny = RoleBodies.Deny(row.Id, RoleBodies.Body(row))
            where ArmScope.Includes(deny.Scope, address.Scope) || (!filter.AtScope && ArmScope.Includes(address.Scope, deny.Scope))
            where !filter.Equal.TryGetValue("denyassignmentname", out var name) || string.Equals(deny.DisplayName, name, StringComparison.OrdinalIgnoreCase)
            where !filter.Equal.TryGetValue("principalid", out var principal) || deny.Principals.Contains(principal, StringComparer.OrdinalIgnoreCase)
            where !filter.Equal.TryGetValue("gdprexportprincipalid", out var person)
                || deny.Principals.Contains(person, StringComparer.OrdinalIgnoreCase) || deny.ExcludePrincipals.Contains(person, StringComparer.OrdinalIgnoreCase)
            select filter.Equal.ContainsKey("gdprexportprincipalid") ? Brief(row, deny) : Json(row));
    }

    public async ValueTask<ArmResponse> GetAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation) =>
        await store.FindAsync(address.Id, cancellation) is { } row
            ? ArmResponse.Ok(Json(row))
            : new ArmError(404, "DenyAssignmentNotFound", $"The deny assignment '{address.Name}' is not found.", address.Name);

    public ValueTask<ArmResponse> PutAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation) =>
        new(ArmErrors.MethodNotAllowed(call.Method, address.Type));

    public ValueTask<ArmResponse> DeleteAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation) =>
        new(ArmErrors.MethodNotAllowed(call.Method, address.Type));

    private static JsonObject Json(ResourceRow row)
    {
        var properties = (RoleBodies.Body(row)["properties"] ?? new JsonObject()).DeepClone();
        properties["scope"] = AuthorizationIds.ScopeOf(row.Id);
        return AuthorizationAnswers.Envelope(AuthorizationAnswers.WithHistory(properties, row), row.Id, AuthorizationIds.DenyAssignments, row.Name);
    }

    private static JsonObject Brief(ResourceRow row, DenyAssignment deny) => AuthorizationAnswers.Envelope(
        new JsonObject { ["denyAssignmentName"] = deny.DisplayName, ["description"] = RoleBodies.Text(RoleBodies.Body(row)["properties"]?["description"]) },
        row.Id, AuthorizationIds.DenyAssignments, row.Name);
}

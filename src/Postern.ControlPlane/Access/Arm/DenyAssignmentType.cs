using System.Text.Json.Nodes;
using Postern.ControlPlane.Access.Rbac;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Access.Arm;

/// <summary>
/// <c>denyAssignments</c>. The public contract only reads them, because there the platform makes them; here nobody else would, so they can
/// be put and deleted too.
/// </summary>
internal sealed class DenyAssignmentType(IResourceStore store, AccessEvaluation evaluation, RoleWriting writing) : IAuthorizationType
{
    public string Name => "denyAssignments";

    public IReadOnlyCollection<string> Operations { get; } = ["read", "write", "delete"];

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

    public async ValueTask<ArmResponse> PutAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(address.Name, "D", out _))
        {
            return new ArmError(400, "InvalidDenyAssignmentId", $"The deny assignment ID '{address.Name}' is not valid. It must be a GUID.", address.Name);
        }

        var (body, malformed) = await call.ReadBodyAsync(cancellation);
        if (malformed is not null)
        {
            return malformed;
        }

        var (properties, wrong) = DenyAssignmentBody.Read(body);
        if (properties is null)
        {
            return wrong!;
        }

        var stored = new JsonObject { ["properties"] = properties };
        if (await LocksOutAsync(call.Caller, address, RoleBodies.Deny(address.Id, stored), cancellation))
        {
            return new ArmError(409, "DenyAssignmentLocksOut",
                "This deny assignment would keep you from deleting it again. Name yourself in excludePrincipals, or leave out Microsoft.Authorization/denyAssignments/delete with notActions.",
                "permissions");
        }

        using var turn = await writing.EnterAsync(cancellation);
        var write = new ResourceWrite(address.Id, AuthorizationIds.DenyAssignments, stored.ToJsonString(), AuthorizationAnswers.By(call));
        var outcome = await store.WriteAsync([write], cancellation);
        return new(outcome.Created[0] ? 201 : 200, Json(outcome.Rows[0]!));
    }

    public async ValueTask<ArmResponse> DeleteAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation)
    {
        using var turn = await writing.EnterAsync(cancellation);
        if (await store.FindAsync(address.Id, cancellation) is not { } row)
        {
            return ArmResponse.NoContent;
        }

        await store.WriteAsync([new(address.Id, AuthorizationIds.DenyAssignments, null, AuthorizationAnswers.By(call))], cancellation);
        return ArmResponse.Ok(Json(row));
    }

    /// <summary>Whoever denies everything to everyone must remain able to take it back: nobody else could.</summary>
    private async ValueTask<bool> LocksOutAsync(Principal caller, AuthorizationAddress address, DenyAssignment deny, CancellationToken cancellation)
    {
        var alone = new RoleSet(new Dictionary<string, RoleDefinition>(), [], [deny], []);
        var decision = await evaluation.DecideAsync(caller.ObjectId, $"{AuthorizationIds.DenyAssignments}/delete", Plane.Action, address.Id, alone, cancellation);
        return decision is null or { Step: AccessStep.Denied };
    }

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

using System.Text.Json;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Access.Groups;
using Postern.ControlPlane.Access.Rbac;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Access.Arm;

/// <summary><c>roleAssignments</c>: who has which role where. Role, principal and scope of one never change.</summary>
internal sealed class RoleAssignmentType(IResourceStore store, StoredRoles roles, IGroupMembership groups, PrincipalLookup principals, RoleWriting writing) : IAuthorizationType
{
    private const int LongestDescription = 1024;

    private static readonly string[] PrincipalTypes = ["User", "Group", "ServicePrincipal", "ForeignGroup", "Device"];

    public string Name => "roleAssignments";

    public IReadOnlyCollection<string> Operations { get; } = ["read", "write", "delete"];

    public async ValueTask<ArmResponse> ListAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation)
    {
        if (AuthorizationFilter.Parse(call.Query.Filter, ["principalid", "roledefinitionid"], ["atscope", "assignedto"]) is not { } filter)
        {
            return ArmErrors.BadRequest("The $filter may hold atScope(), assignedTo('{objectId}'), principalId eq '{objectId}', joined by and.", "$filter");
        }

        IReadOnlyCollection<string>? assignees = filter.AssignedTo is { } assignee
            ? [assignee, .. await groups.GroupsOfAsync(assignee, cancellation) ?? []]
            : null;
        var all = await roles.CurrentAsync(cancellation);
        var rows = await store.ListAsync("", AuthorizationIds.RoleAssignments, 0, null, cancellation);
        return AuthorizationAnswers.List(
            from row in rows
            let scope = AuthorizationIds.ScopeOf(row.Id)
            where ArmScope.Includes(scope, address.Scope) || (!filter.AtScope && ArmScope.Includes(address.Scope, scope))
            let properties = Properties(row)
            let principal = RoleBodies.Text(properties["principalId"]) ?? ""
            where assignees is null || assignees.Contains(principal, StringComparer.OrdinalIgnoreCase)
            where !filter.Equal.TryGetValue("principalid", out var wanted) || string.Equals(principal, wanted, StringComparison.OrdinalIgnoreCase)
            where !filter.Equal.TryGetValue("roledefinitionid", out var role)
                || AuthorizationIds.RoleNameOf(RoleBodies.Text(properties["roleDefinitionId"])) == AuthorizationIds.RoleNameOf(role)
            select Json(row, all));
    }

    public async ValueTask<ArmResponse> GetAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation) =>
        await store.FindAsync(address.Id, cancellation) is { } row
            ? ArmResponse.Ok(Json(row, await roles.CurrentAsync(cancellation)))
            : new ArmError(404, "RoleAssignmentNotFound", $"The role assignment '{address.Name}' is not found.", address.Name);

    public async ValueTask<ArmResponse> PutAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(address.Name, "D", out _))
        {
            return new ArmError(400, "InvalidRoleAssignmentId", $"The role assignment ID '{address.Name}' is not valid. The role assignment ID must be a GUID.", address.Name);
        }

        var (body, malformed) = await call.ReadBodyAsync(cancellation);
        if (malformed is not null)
        {
            return malformed;
        }

        var (wanted, wrong) = Read(body);
        if (wanted is null)
        {
            return wrong!;
        }

        if (wanted.PrincipalType.Length == 0)
        {
            if (await principals.TypeOfAsync(wanted.PrincipalId, cancellation) is not { } type)
            {
                return new ArmError(400, "PrincipalNotFound", $"Principal {wanted.PrincipalId} does not exist in the directory.", "principalId");
            }

            wanted = wanted with { PrincipalType = type };
        }

        using var turn = await writing.EnterAsync(cancellation);
        var all = await roles.CurrentAsync(cancellation);
        if (await CheckAsync(address, wanted, all, cancellation) is { } conflict)
        {
            return conflict;
        }

        var write = new ResourceWrite(address.Id, AuthorizationIds.RoleAssignments, wanted.ToBody(), AuthorizationAnswers.By(call));
        var outcome = await store.WriteAsync([write], cancellation);
        return new(outcome.Created[0] ? 201 : 200, Json(outcome.Rows[0]!, all));
    }

    public async ValueTask<ArmResponse> DeleteAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation)
    {
        using var turn = await writing.EnterAsync(cancellation);
        if (await store.FindAsync(address.Id, cancellation) is not { } row)
        {
            return ArmResponse.NoContent;
        }

        await store.WriteAsync([new(address.Id, AuthorizationIds.RoleAssignments, null, AuthorizationAnswers.By(call))], cancellation);
        return ArmResponse.Ok(Json(row, await roles.CurrentAsync(cancellation)));
    }

    private async ValueTask<ArmError?> CheckAsync(AuthorizationAddress address, Wanted wanted, RoleSet all, CancellationToken cancellation)
    {
        if (!all.Roles.TryGetValue(wanted.RoleName, out var role))
        {
            return new ArmError(404, "RoleDefinitionDoesNotExist", $"The specified role definition with ID '{wanted.RoleName}' does not exist.", "roleDefinitionId");
        }

        if (!role.AssignableScopes.Any(scope => ArmScope.Includes(scope, address.Scope) || ArmScope.IsManagementGroup(scope)))
        {
            return new ArmError(400, "RoleAssignmentScopeNotAssignableToRoleDefinition",
                $"Role '{role.RoleName}' can't be assigned at '{address.Scope}': it is at or below none of its assignable scopes {string.Join(", ", role.AssignableScopes)}.", "scope");
        }

        if (await store.FindAsync(address.Id, cancellation) is { } existing)
        {
            var before = RoleBodies.Assignment(existing.Id, RoleBodies.Body(existing));
            return before is not null && before.RoleName == wanted.RoleName && string.Equals(before.PrincipalId, wanted.PrincipalId, StringComparison.OrdinalIgnoreCase)
                ? null
                : new ArmError(400, "RoleAssignmentUpdateNotPermitted", "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.", address.Name);
        }

        var same = all.Assignments.FirstOrDefault(other =>
            other.RoleName == wanted.RoleName
            && string.Equals(other.PrincipalId, wanted.PrincipalId, StringComparison.OrdinalIgnoreCase)
            && ArmScope.Same(other.Scope, address.Scope));
        return same is null
            ? null
            : new ArmError(409, "RoleAssignmentExists", $"The role assignment already exists. The ID of the existing role assignment is {ResourceIds.NameOf(same.Id)}.", address.Name);
    }

    private static (Wanted? Wanted, ArmError? Error) Read(JsonObject? body)
    {
        if (body?["properties"] is not JsonObject properties)
        {
            return Wrong("properties", "The request needs 'properties' with roleDefinitionId and principalId.");
        }

        var roleDefinitionId = RoleBodies.Text(properties["roleDefinitionId"]);
        if (AuthorizationIds.RoleNameOf(roleDefinitionId) is not { } role)
        {
            return Wrong("roleDefinitionId", "roleDefinitionId must be the ID of a role definition: '…/providers/Microsoft.Authorization/roleDefinitions/{guid}'.");
        }

        if (!Guid.TryParseExact(RoleBodies.Text(properties["principalId"]), "D", out var principal))
        {
            return (null, new(400, "InvalidPrincipalId", "A valid principal ID must be provided for role assignment: the object ID of a user, group or service principal.", "principalId"));
        }

        var type = RoleBodies.Text(properties["principalType"]);
        if (type is not null && !PrincipalTypes.Contains(type, StringComparer.OrdinalIgnoreCase))
        {
            return Wrong("principalType", $"principalType must be one of {string.Join(", ", PrincipalTypes)}.");
        }

        if (RoleBodies.Text(properties["condition"]) is { Length: > 0 })
        {
            return (null, new(400, "RoleAssignmentConditionNotSupported", "Conditions on role assignments are not supported.", "condition", Diagnostic: AccessDiagnostics.ConditionNotSupported));
        }

        var description = RoleBodies.Text(properties["description"]);
        return description?.Length > LongestDescription
            ? Wrong("description", $"The description must have at most {LongestDescription} characters.")
            : (new(roleDefinitionId!, role, principal.ToString(), PrincipalTypes.FirstOrDefault(known => string.Equals(known, type, StringComparison.OrdinalIgnoreCase)) ?? "", description), null);
    }

    private static (Wanted? Wanted, ArmError? Error) Wrong(string target, string message) => (null, new(400, "InvalidRoleAssignment", message, target));

    private static JsonNode Properties(ResourceRow row) => RoleBodies.Body(row)["properties"] ?? new JsonObject();

    private static JsonObject Json(ResourceRow row, RoleSet all)
    {
        var properties = Properties(row).DeepClone();
        var scope = AuthorizationIds.ScopeOf(row.Id);
        properties["scope"] = scope;
        if (AuthorizationIds.RoleNameOf(RoleBodies.Text(properties["roleDefinitionId"])) is { } name && all.Roles.TryGetValue(name, out var role))
        {
            properties["roleDefinitionId"] = AuthorizationIds.ShownRoleId(role, scope);
        }

        return AuthorizationAnswers.Envelope(AuthorizationAnswers.WithHistory(properties, row), row.Id, AuthorizationIds.RoleAssignments, row.Name);
    }

    /// <param name="PrincipalType">Empty when the request does not say.</param>
    private sealed record Wanted(string RoleDefinitionId, string RoleName, string PrincipalId, string PrincipalType, string? Description)
    {
        public string ToBody()
        {
            var properties = new JsonObject { ["roleDefinitionId"] = RoleDefinitionId, ["principalId"] = PrincipalId, ["principalType"] = PrincipalType };
            if (Description is not null)
            {
                properties["description"] = Description;
            }

            return new JsonObject { ["properties"] = properties }.ToJsonString();
        }
    }
}

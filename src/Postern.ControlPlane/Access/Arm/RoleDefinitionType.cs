using System.Text.Json.Nodes;
using Postern.ControlPlane.Access.Rbac;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Access.Arm;

/// <summary>
/// <c>roleDefinitions</c>. A role belongs to the tenant, wherever it was created: it is stored once, under its GUID.
/// </summary>
internal sealed class RoleDefinitionType(IResourceStore store, StoredRoles roles, IManagementAccess access, RoleWriting writing) : IAuthorizationType
{
    public string Name => "roleDefinitions";

    public IReadOnlyCollection<string> Operations { get; } = ["read", "write", "delete"];

    public async ValueTask<ArmResponse> ListAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation)
    {
        if (AuthorizationFilter.Parse(call.Query.Filter, ["rolename", "type"], ["atscopeandbelow", "atscope"]) is not { } filter)
        {
            return ArmErrors.BadRequest("The $filter may hold roleName eq '…', type eq 'BuiltInRole' or 'CustomRole', atScopeAndBelow(), joined by and.", "$filter");
        }

        var rows = (await store.ListAsync("", AuthorizationIds.RoleDefinitions, 0, null, cancellation)).ToDictionary(row => row.Name, StringComparer.OrdinalIgnoreCase);
        var all = await roles.CurrentAsync(cancellation);
        return AuthorizationAnswers.List(
            from role in all.Roles.Values
            where role.AssignableScopes.Any(scope =>
                ArmScope.Includes(scope, address.Scope)
                || ArmScope.IsManagementGroup(scope)
                || (filter.AtScopeAndBelow && ArmScope.Includes(address.Scope, scope)))
            where !filter.Equal.TryGetValue("rolename", out var name) || string.Equals(role.RoleName, name, StringComparison.OrdinalIgnoreCase)
            where !filter.Equal.TryGetValue("type", out var type) || string.Equals(Type(role), type, StringComparison.OrdinalIgnoreCase)
            orderby role.BuiltIn descending, role.RoleName
            select Json(role, rows.GetValueOrDefault(role.Name), address.Scope));
    }

    public async ValueTask<ArmResponse> GetAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation)
    {
        var role = (await roles.CurrentAsync(cancellation)).Roles.GetValueOrDefault(address.Name!);
        return role is null
            ? NotFound(address)
            : ArmResponse.Ok(Json(role, await store.FindAsync(IdOf(role.Name), cancellation), address.Scope));
    }

    public async ValueTask<ArmResponse> PutAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(address.Name, "D", out var guid))
        {
            return new ArmError(400, "InvalidRoleDefinitionId", $"The role definition ID '{address.Name}' is not valid. It must be a GUID.", address.Name);
        }

        var (body, malformed) = await call.ReadBodyAsync(cancellation);
        if (malformed is not null)
        {
            return malformed;
        }

        var (role, wrong) = RoleDefinitionBody.Read(guid.ToString(), body);
        if (role is null)
        {
            return wrong!;
        }

        using var turn = await writing.EnterAsync(cancellation);
        var known = (await roles.CurrentAsync(cancellation)).Roles;
        var existing = known.GetValueOrDefault(role.Name);
        if (existing is { BuiltIn: true })
        {
            return ArmErrors.BadRequest($"Role '{existing.RoleName}' is built in and can't be changed.", role.Name);
        }

        if (known.Values.FirstOrDefault(other => other.Name != role.Name && string.Equals(other.RoleName, role.RoleName, StringComparison.OrdinalIgnoreCase)) is { } same)
        {
            return new ArmError(409, "RoleDefinitionWithSameNameExists", $"A role definition named '{same.RoleName}' exists already, with ID '{same.Name}'.", "roleName");
        }

        // Whoever defines a role decides for every scope where it can be assigned, and could otherwise change one used above their own reach.
        if (await RefuseAsync(call, "write", [.. role.AssignableScopes, .. existing?.AssignableScopes ?? []], role.Name, cancellation) is { } refusal)
        {
            return refusal;
        }

        var properties = Properties(role);
        var outcome = await store.WriteAsync(
            [new(IdOf(role.Name), AuthorizationIds.RoleDefinitions, new JsonObject { ["properties"] = properties }.ToJsonString(), AuthorizationAnswers.By(call))], cancellation);
        return new(201, Json(role, outcome.Rows[0], address.Scope));
    }

    public async ValueTask<ArmResponse> DeleteAsync(ArmCall call, AuthorizationAddress address, CancellationToken cancellation)
    {
        using var turn = await writing.EnterAsync(cancellation);
        var all = await roles.CurrentAsync(cancellation);
        if (all.Roles.GetValueOrDefault(address.Name!) is not { } role)
        {
            return ArmResponse.NoContent;
        }

        if (role.BuiltIn)
        {
            return ArmErrors.BadRequest($"Role '{role.RoleName}' is built in and can't be deleted.", role.Name);
        }

        if (await RefuseAsync(call, "delete", role.AssignableScopes, role.Name, cancellation) is { } refusal)
        {
            return refusal;
        }

        if (all.Assignments.FirstOrDefault(assignment => string.Equals(assignment.RoleName, role.Name, StringComparison.OrdinalIgnoreCase)) is { } used)
        {
            return new ArmError(400, "RoleDefinitionHasAssignments", $"There are existing role assignments referencing role '{role.RoleName}', such as '{used.Id}'.", role.Name);
        }

        var row = await store.FindAsync(IdOf(role.Name), cancellation);
        await store.WriteAsync([new(IdOf(role.Name), AuthorizationIds.RoleDefinitions, null, AuthorizationAnswers.By(call))], cancellation);
        return ArmResponse.Ok(Json(role, row, address.Scope));
    }

    private async ValueTask<ArmResponse?> RefuseAsync(ArmCall call, string operation, IEnumerable<string> scopes, string name, CancellationToken cancellation)
    {
        foreach (var scope in scopes.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var id = AuthorizationIds.Id(scope, AuthorizationIds.RoleDefinitions, name);
            if (await access.AuthorizeAsync(call.Caller, $"{AuthorizationIds.RoleDefinitions}/{operation}", id, cancellation) is { } refusal)
            {
                return AuthorizationProvider.Refused(refusal);
            }
        }

        return null;
    }

    private static string IdOf(string name) => AuthorizationIds.Id(ArmScope.Tenant, AuthorizationIds.RoleDefinitions, name.ToLowerInvariant());

    private static string Type(RoleDefinition role) => role.BuiltIn ? "BuiltInRole" : "CustomRole";

    private static JsonObject Properties(RoleDefinition role) => new()
    {
        ["roleName"] = role.RoleName,
        ["type"] = Type(role),
        ["description"] = role.Description,
        ["assignableScopes"] = RoleBodies.List(role.AssignableScopes),
        ["permissions"] = new JsonArray([.. role.Permissions.Select(RoleBodies.Permission)]),
    };

    private static JsonObject Json(RoleDefinition role, ResourceRow? row, string scope)
    {
        JsonNode properties = Properties(role);
        return AuthorizationAnswers.Envelope(
            row is null ? properties : AuthorizationAnswers.WithHistory(properties, row),
            AuthorizationIds.ShownRoleId(role, scope),
            AuthorizationIds.RoleDefinitions,
            role.Name);
    }

    private static ArmResponse NotFound(AuthorizationAddress address) =>
        new ArmError(404, "RoleDefinitionDoesNotExist", $"The specified role definition with ID '{address.Name}' does not exist.", address.Name);
}

namespace Postern.Portal.Management;

public sealed record RoleAssignmentContract(string Id, string Name, RoleAssignmentPropertiesContract Properties);

public sealed record RoleAssignmentPropertiesContract(string? Scope, string RoleDefinitionId, string PrincipalId, string? PrincipalType);

public sealed record RoleDefinitionContract(string Id, string Name, RoleDefinitionPropertiesContract Properties);

public sealed record RoleDefinitionPropertiesContract(string? RoleName, string? Description, string? Type, IReadOnlyList<PermissionContract>? Permissions);

public sealed record PermissionContract(
    IReadOnlyList<string>? Actions, IReadOnlyList<string>? NotActions, IReadOnlyList<string>? DataActions, IReadOnlyList<string>? NotDataActions);

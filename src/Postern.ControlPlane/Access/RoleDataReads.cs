namespace Postern.ControlPlane.Access;

/// <summary>What the service's identity must be allowed before anything is decided with what it reads.</summary>
internal static class RoleDataReads
{
    public const string RoleAssignments = "Microsoft.Authorization/roleAssignments/read";
    public const string RoleDefinitions = "Microsoft.Authorization/roleDefinitions/read";
    public const string DenyAssignments = "Microsoft.Authorization/denyAssignments/read";

    public static IReadOnlyList<string> All { get; } = [RoleAssignments, RoleDefinitions, DenyAssignments];
}

using Postern.Authority.Tenancy;

namespace Postern.Authority.Tokens;

/// <summary>Values of the app roles that a principal has at the resource behind an audience.</summary>
internal static class AppRoles
{
    public static IReadOnlyList<string> Of(ServicePrincipal principal, string audience, DirectoryState directory)
    {
        if (principal.Roles.IsEmpty || directory.ApplicationByAudience(audience) is not { } application
            || directory.PrincipalByAppId(principal.TenantId, application.AppId) is not { } resource)
        {
            return [];
        }

        return
        [
            .. from assignment in principal.Roles
               where string.Equals(assignment.ResourceId, resource.ObjectId, StringComparison.OrdinalIgnoreCase)
               from role in application.Roles
               where role.Enabled && string.Equals(role.Id, assignment.AppRoleId, StringComparison.OrdinalIgnoreCase)
               select role.Value,
        ];
    }
}

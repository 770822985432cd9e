using Postern.Authority.Tenancy;

namespace Postern.Authority.Tokens;

/// <summary>Values of the app roles that a principal has at the resource behind an audience.</summary>
internal static class AppRoles
{
    public static IReadOnlyList<string> Of(ServicePrincipal principal, string audience, DirectoryState directory)
    {
        List<string>? values = null;
        foreach (var assignment in principal.Roles)
        {
            if (directory.Principals.GetValueOrDefault(assignment.ResourceId) is { } resource
                && directory.ApplicationByAppId(resource.AppId) is { } application
                && Answers(application, audience)
                && application.Roles.FirstOrDefault(role => role.Id == assignment.AppRoleId) is { Enabled: true } role)
            {
                (values ??= []).Add(role.Value);
            }
        }

        return values ?? [];
    }

    private static bool Answers(Application application, string audience) =>
        string.Equals(application.AppId, audience, StringComparison.OrdinalIgnoreCase)
        || application.IdentifierUris.Any(uri => string.Equals(uri.TrimEnd('/'), audience.TrimEnd('/'), StringComparison.OrdinalIgnoreCase));
}

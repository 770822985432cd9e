namespace Postern.ControlPlane.Access.Rbac;

/// <summary>ARM ids as scopes: trees of whole path segments, compared without regard to case.</summary>
internal static class ArmScope
{
    public const string Tenant = "/";

    private const string ManagementGroups = "/providers/Microsoft.Management/managementGroups/";

    /// <summary>One leading slash, none trailing, none doubled; the caller's casing is kept.</summary>
    public static string Normalise(string scope)
    {
        var segments = scope.Split('/', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return segments.Length == 0 ? Tenant : "/" + string.Join('/', segments);
    }

    /// <summary>True when <paramref name="scope"/> is <paramref name="target"/> or one of its ancestors. Both are normalised.</summary>
    public static bool Includes(string scope, string target) =>
        scope == Tenant
        || (target.StartsWith(scope, StringComparison.OrdinalIgnoreCase)
            && (target.Length == scope.Length || target[scope.Length] == '/'));

    public static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    /// <summary>Management groups stand above subscriptions without being a prefix of their ids.</summary>
    public static bool IsManagementGroup(string scope) => scope.StartsWith(ManagementGroups, StringComparison.OrdinalIgnoreCase);
}

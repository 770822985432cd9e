namespace Postern.Portal.Access;

/// <summary>Scopes in words; the whole path is long and mostly the same.</summary>
internal static class Scopes
{
    public static string Name(string? scope, string service)
    {
        var path = (scope ?? "").TrimEnd('/');
        if (path.Equals(service, StringComparison.OrdinalIgnoreCase))
        {
            return "this service";
        }

        return path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            [] => "everything",
            [_, _] => "the subscription",
            [_, _, var kind, var group] when kind.Equals("resourceGroups", StringComparison.OrdinalIgnoreCase) => $"resource group {group}",
            _ => path,
        };
    }

    /// <summary>A scope inside the service, without the service's own path.</summary>
    public static string Within(string? scope, string service) =>
        scope is null ? "" : scope.StartsWith(service + "/", StringComparison.OrdinalIgnoreCase) ? scope[service.Length..] : scope;
}

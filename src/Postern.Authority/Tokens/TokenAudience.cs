using Postern.Authority.Tenancy;

namespace Postern.Authority.Tokens;

/// <summary>
/// Which audience a request asks for. This authority issues tokens for any absolute URI: it serves its own control plane, whose address
/// isn't registered anywhere, and the fixed audiences of clients (management.azure.com, azure-api.net/configuration). An audience that
/// is no URI must be the client id of a registered application.
/// </summary>
internal static class TokenAudience
{
    private const string Suffix = "/.default";
    private const int MaxLength = 512;

    /// <summary>v2: the scope less <c>/.default</c>, so that <c>https://x//.default</c> means <c>https://x/</c>.</summary>
    public static (string? Audience, TokenRefusal? Refusal) OfScope(string? scope, DirectoryState directory, string tenant)
    {
        if (scope is null)
        {
            return (null, TokenRefusal.MissingParameter("scope"));
        }

        var trimmed = scope.Trim(' ');
        if (trimmed.Contains(' ', StringComparison.Ordinal))
        {
            return (null, TokenRefusal.InvalidScope(TokenRequest.Shown(scope), "client credentials can ask for one resource only"));
        }

        return trimmed.EndsWith(Suffix, StringComparison.Ordinal)
            ? OfResource(trimmed[..^Suffix.Length], directory, tenant, "scope")
            : (null, TokenRefusal.ScopeWithoutDefault(TokenRequest.Shown(scope)));
    }

    /// <summary>v1: the resource as it stands.</summary>
    public static (string? Audience, TokenRefusal? Refusal) OfResource(string? resource, DirectoryState directory, string tenant, string parameter = "resource")
    {
        if (string.IsNullOrEmpty(resource))
        {
            return (null, parameter == "scope" ? TokenRefusal.InvalidScope(Suffix, "it names no resource") : TokenRefusal.MissingParameter(parameter));
        }

        if (resource.Length > MaxLength || resource.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter)))
        {
            return (null, TokenRefusal.InvalidScope(TokenRequest.Shown(resource), "it is too long or has white space in it"));
        }

        if (Uri.TryCreate(resource, UriKind.Absolute, out var uri) && !uri.IsFile)
        {
            return (resource, null);
        }

        return Guid.TryParse(resource, out _) && (directory.ApplicationByAppId(resource) is not null || directory.PrincipalByAppId(tenant, resource) is not null)
            ? (resource, null)
            : (null, TokenRefusal.UnknownResource(TokenRequest.Shown(resource), tenant));
    }
}

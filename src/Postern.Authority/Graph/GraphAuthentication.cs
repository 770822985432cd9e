using Microsoft.AspNetCore.Http;
using Postern.Authority.Tenancy;
using Postern.Authority.Keys;
using Postern.Authority.Tokens;

namespace Postern.Authority.Graph;

/// <summary>Who calls Graph: a token of this authority, for Graph, in time, of a principal that is still there.</summary>
internal sealed class GraphAuthentication(SigningKeyRing keys, AuthorityAddress address, GraphAudience graph, TimeProvider time)
{
    private const string Scheme = "Bearer ";

    public (ServicePrincipal? Caller, GraphError? Error) Authenticate(HttpContext context, DirectoryState directory)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Headers.WWWAuthenticate = Challenge("");
            return (null, GraphError.Unauthenticated("Access token is empty."));
        }

        using var token = CompactJws.Parse(header[Scheme.Length..].Trim());
        var (caller, problem) = token is null ? (null, "the token is malformed") : Judge(token, directory);
        if (caller is not null)
        {
            return (caller, null);
        }

        context.Response.Headers.WWWAuthenticate = Challenge($", error=\"invalid_token\", error_description=\"{problem}\"");
        return (null, GraphError.Unauthenticated($"Access token validation failure: {problem}."));
    }

    private (ServicePrincipal? Caller, string? Problem) Judge(CompactJws token, DirectoryState directory)
    {
        if (token.Algorithm != "RS256" || token.KeyId is not { } kid || keys.Find(kid) is not { } key || !key.Verify(token.Signed, token.Signature))
        {
            return (null, "the signature is not one of this authority's");
        }

        var claims = token.Payload;
        if (!CompactJws.HasAudience(claims, graph.Includes))
        {
            return (null, $"the audience is not {address.Origin}/");
        }

        var now = time.GetUtcNow();
        if (CompactJws.Time(claims, "exp") is not { } expires || expires <= now || CompactJws.Time(claims, "nbf") is not { } begins || now < begins)
        {
            return (null, "the token has expired or is not valid yet");
        }

        var tenant = CompactJws.Text(claims, "tid") ?? "";
        var issuer = CompactJws.Text(claims, "iss");
        if (issuer != address.IssuerV2(tenant) && issuer != address.IssuerV1(tenant))
        {
            return (null, "the issuer is not this authority");
        }

        return directory.Principals.GetValueOrDefault(CompactJws.Text(claims, "oid") ?? "") is { Enabled: true } principal && principal.TenantId == tenant
            ? (principal, null)
            : (null, "the principal is gone or disabled");
    }

    private string Challenge(string more) =>
        $"Bearer realm=\"\", authorization_uri=\"{address.Origin}/common/oauth2/authorize\", client_id=\"00000003-0000-0000-c000-000000000000\"{more}";
}

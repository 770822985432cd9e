using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Postern.Authority.Tenancy;
using Postern.Authority.Tokens;

namespace Postern.Authority.ManagedIdentity;

/// <summary>
/// Tokens for managed identities, in the two shapes that clients know: App Service's (<c>IDENTITY_ENDPOINT</c>, <c>IDENTITY_HEADER</c>)
/// at <c>/msi/token</c>, and that of the instance metadata service at <c>/metadata/identity/oauth2/token</c>, which wants
/// <c>Metadata: true</c> and, here, the identity's key as well.
/// </summary>
internal sealed class ManagedIdentityEndpoints(DirectoryStore store, AccessTokenIssuer issuer, TimeProvider time, ILogger log)
{
    public const string AppServicePath = "/msi/token";

    private readonly FailureThrottle _throttle = new(time, allowed: 100);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(AppServicePath, context => AnswerAsync(context, imds: false));
        routes.MapGet("/metadata/identity/oauth2/token", context => AnswerAsync(context, imds: true));
    }

    private Task AnswerAsync(HttpContext context, bool imds)
    {
        var (principal, audience, problem) = Decide(context, imds);
        if (problem is not null)
        {
            return WriteAsync(context, problem, imds);
        }

        AuthorityLog.TokenIssued(log, audience!, principal!.AppId, principal.TenantId);
        var token = issuer.Issue(principal, audience!, v1: true, ClientProof.Assertion, store.Current);
        context.Response.Headers.CacheControl = "no-store";
        return JsonAnswer.WriteAsync(context, writer =>
        {
            writer.WriteString("access_token", token.Text);
            writer.WriteString("client_id", principal.AppId);
            writer.WriteString("expires_on", token.Expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
            writer.WriteString("resource", audience);
            writer.WriteString("token_type", "Bearer");
            if (imds)
            {
                writer.WriteString("expires_in", token.ExpiresIn.ToString(CultureInfo.InvariantCulture));
                writer.WriteString("ext_expires_in", token.ExpiresIn.ToString(CultureInfo.InvariantCulture));
                writer.WriteString("not_before", token.NotBefore.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
            }
        });
    }

    private (ServicePrincipal? Principal, string? Audience, Problem? Problem) Decide(HttpContext context, bool imds)
    {
        var request = context.Request;
        if (imds && request.Headers["Metadata"] != "true")
        {
            // What keeps a server that can be talked into fetching addresses from fetching this one.
            return (null, null, new(400, "invalid_request", "Required metadata header not specified"));
        }

        if (request.Headers.ContainsKey("X-Forwarded-For"))
        {
            return (null, null, new(400, "invalid_request", "Requests through a proxy are not served"));
        }

        if (request.Query["api-version"] is not [{ Length: > 0 }])
        {
            return (null, null, new(400, "invalid_request", "Required parameter 'api-version' not specified"));
        }

        var remote = context.Connection.RemoteIpAddress?.ToString() ?? "";
        if (_throttle.Wait(remote) is not null)
        {
            return (null, null, new(429, "temporarily_unavailable", "Too many requests with a wrong identity header"));
        }

        var directory = store.Current;
        if (ManagedIdentityKey.Find(request.Headers["X-IDENTITY-HEADER"].ToString(), directory) is not { } principal)
        {
            _throttle.Failed(remote);
            return (null, null, new(401, "unauthorized_client", "The header X-IDENTITY-HEADER is missing or belongs to no managed identity"));
        }

        if (!Names(request.Query, principal))
        {
            return (null, null, new(400, "invalid_request", "Identity not found"));
        }

        var (audience, refusal) = TokenAudience.OfResource(request.Query["resource"].ToString(), directory, principal.TenantId);
        return refusal is null
            ? (principal, audience, null)
            : (null, null, new(400, refusal.Error, $"AADSTS{refusal.Code}: {refusal.Message}"));
    }

    /// <summary>A caller may say which of several identities it means; a key has only one.</summary>
    private static bool Names(IQueryCollection query, ServicePrincipal principal) =>
        Says(query, "client_id", principal.AppId)
        && Says(query, "object_id", principal.ObjectId)
        && Says(query, "principal_id", principal.ObjectId)
        && Says(query, "mi_res_id", principal.OwningResource)
        && Says(query, "msi_res_id", principal.OwningResource);

    private static bool Says(IQueryCollection query, string name, string? own) =>
        query[name] is not [{ Length: > 0 } asked] || string.Equals(asked, own, StringComparison.OrdinalIgnoreCase);

    private static Task WriteAsync(HttpContext context, Problem problem, bool imds)
    {
        context.Response.StatusCode = problem.Status;
        return JsonAnswer.WriteAsync(context, imds
            ? writer => WriteOAuth(writer, problem)
            : writer => WriteAppService(writer, problem));
    }

    private static void WriteOAuth(Utf8JsonWriter writer, Problem problem)
    {
        writer.WriteString("error", problem.Error);
        writer.WriteString("error_description", problem.Message);
    }

    private static void WriteAppService(Utf8JsonWriter writer, Problem problem)
    {
        writer.WriteNumber("statusCode", problem.Status);
        writer.WriteString("message", problem.Message);
    }

    private sealed record Problem(int Status, string Error, string Message);
}

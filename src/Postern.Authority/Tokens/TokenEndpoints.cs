using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Postern.Authority.Tenancy;

namespace Postern.Authority.Tokens;

/// <summary>
/// <c>POST /{tenant}/oauth2/v2.0/token</c>, the v1 <c>/{tenant}/oauth2/token</c>, and <c>/adfs/oauth2/token</c>, by which clients that
/// insist on instance discovery log in without it: their tenant is the default one.
/// </summary>
internal sealed class TokenEndpoints(
    DirectoryStore store, ClientAuthentication authentication, AccessTokenIssuer issuer, TimeProvider time, ILogger log, string defaultTenant)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.Map("/adfs/oauth2/token", context => AnswerAsync(context, defaultTenant, v1: false));
        routes.Map("/{tenant}/oauth2/v2.0/token", context => AnswerAsync(context, (string)context.GetRouteValue("tenant")!, v1: false));
        routes.Map("/{tenant}/oauth2/token", context => AnswerAsync(context, (string)context.GetRouteValue("tenant")!, v1: true));
    }

    private async Task AnswerAsync(HttpContext context, string tenant, bool v1)
    {
        TokenRequest? request = null;
        var refusal = HttpMethods.IsPost(context.Request.Method) ? null : TokenRefusal.PostOnly(context.Request.Method);
        if (refusal is null)
        {
            (request, refusal) = await TokenRequest.ReadAsync(context);
        }

        if (refusal is null)
        {
            (var token, var audience, refusal) = await DecideAsync(context, request!, tenant, v1);
            if (token is not null)
            {
                await TokenAnswer.WriteAsync(context, token, audience!, v1);
                return;
            }
        }

        AuthorityLog.TokenRefused(
            log, TokenRequest.Shown(request?.ClientId), context.Connection.RemoteIpAddress?.ToString(), refusal!.Code, refusal.Error);
        await TokenAnswer.WriteAsync(context, refusal, time.GetUtcNow());
    }

    /// <summary>One line per question, cheapest first; who asks is known before anything about the resource is told.</summary>
    private async ValueTask<(AccessToken? Token, string? Audience, TokenRefusal? Refusal)> DecideAsync(
        HttpContext context, TokenRequest request, string tenantName, bool v1)
    {
        var directory = store.Current;
        if (tenantName is "common" or "organizations" or "consumers")
        {
            return (null, null, TokenRefusal.NoTenant);
        }

        if (!directory.Tenants.TryGetValue(tenantName, out var tenant))
        {
            return (null, null, TokenRefusal.UnknownTenant(TokenRequest.Shown(tenantName)));
        }

        if (request.GrantType is not { } grant)
        {
            return (null, null, TokenRefusal.MissingParameter("grant_type"));
        }

        if (grant != "client_credentials")
        {
            return (null, null, TokenRefusal.UnsupportedGrant(TokenRequest.Shown(grant)));
        }

        if (request.ClientId is null)
        {
            return (null, null, TokenRefusal.MissingParameter("client_id"));
        }

        var (audience, refusal) = v1
            ? TokenAudience.OfResource(request["resource"], directory, tenant.Id)
            : TokenAudience.OfScope(request["scope"], directory, tenant.Id);
        if (refusal is not null)
        {
            return (null, null, refusal);
        }

        (var principal, var proof, refusal) = await authentication.AuthenticateAsync(
            request, directory, tenant, Remote(context.Connection.RemoteIpAddress), context.RequestAborted);
        if (refusal is not null)
        {
            return (null, null, refusal);
        }

        AuthorityLog.TokenIssued(log, audience!, principal!.AppId, tenant.Id);
        return (issuer.Issue(principal, audience!, v1, proof, directory), audience, null);
    }

    /// <summary>Who counts as one address: whoever has one IPv6 address usually has the whole /64.</summary>
    private static string Remote(IPAddress? address)
    {
        if (address is not { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false })
        {
            return address?.ToString() ?? "";
        }

        return Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8));
    }
}

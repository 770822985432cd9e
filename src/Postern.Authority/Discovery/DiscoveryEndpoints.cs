using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Postern.Authority.Tenancy;
using Postern.Authority.Keys;
using Postern.Authority.Tokens;

namespace Postern.Authority.Discovery;

/// <summary>OpenID configuration (v1, v2 and AD FS addresses), key sets and instance discovery.</summary>
internal sealed class DiscoveryEndpoints(
    DirectoryStore store, SigningKeyRing keys, AuthorityAddress address, TimeProvider time, string defaultTenant)
{
    /// <summary>What an issuer looks like where the tenant isn't known yet.</summary>
    private const string AnyTenant = "{tenantid}";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/adfs/.well-known/openid-configuration",
            context => WriteConfigurationAsync(context, address.IssuerV2(defaultTenant), "adfs", "oauth2", "adfs/discovery/keys"));
        routes.MapGet("/adfs/discovery/keys", context => WriteKeysAsync(context, address.IssuerV2(defaultTenant)));
        routes.MapGet("/common/discovery/instance", WriteInstanceAsync);
        routes.MapGet("/{tenant}/v2.0/.well-known/openid-configuration", context => ForTenantAsync(context,
            (name, issuerTenant) => WriteConfigurationAsync(context, address.IssuerV2(issuerTenant), name, "oauth2/v2.0", $"{name}/discovery/v2.0/keys")));
        routes.MapGet("/{tenant}/.well-known/openid-configuration", context => ForTenantAsync(context,
            (name, issuerTenant) => WriteConfigurationAsync(context, address.IssuerV1(issuerTenant), name, "oauth2", $"{name}/discovery/keys")));
        routes.MapGet("/{tenant}/discovery/v2.0/keys", context => ForTenantAsync(context,
            (_, issuerTenant) => WriteKeysAsync(context, address.IssuerV2(issuerTenant))));
        routes.MapGet("/{tenant}/discovery/keys", context => ForTenantAsync(context,
            (_, issuerTenant) => WriteKeysAsync(context, address.IssuerV1(issuerTenant))));
    }

    private Task ForTenantAsync(HttpContext context, Func<string, string, Task> answer)
    {
        var name = (string)context.GetRouteValue("tenant")!;
        if (name is "common" or "organizations")
        {
            return answer(name, AnyTenant);
        }

        return store.Current.Tenants.TryGetValue(name, out var tenant)
            ? answer(tenant.Id, tenant.Id)
            : TokenAnswer.WriteAsync(context, TokenRefusal.UnknownTenant(TokenRequest.Shown(name)) with { Error = "invalid_tenant" }, time.GetUtcNow());
    }

    private Task WriteConfigurationAsync(HttpContext context, string issuer, string tenant, string protocol, string keySet) =>
        JsonAnswer.WriteAsync(context, writer =>
        {
            writer.WriteString("issuer", issuer);
            writer.WriteString("token_endpoint", $"{address.Origin}/{tenant}/{protocol}/token");
            writer.WriteString("authorization_endpoint", $"{address.Origin}/{tenant}/{protocol}/authorize");
            writer.WriteString("jwks_uri", $"{address.Origin}/{keySet}");
            WriteList(writer, "token_endpoint_auth_methods_supported", "client_secret_post", "client_secret_basic", "private_key_jwt");
            WriteList(writer, "grant_types_supported", "client_credentials");
            WriteList(writer, "response_types_supported", "token");
            WriteList(writer, "response_modes_supported", "query");
            WriteList(writer, "subject_types_supported", "pairwise");
            WriteList(writer, "id_token_signing_alg_values_supported", "RS256");
            WriteList(writer, "token_endpoint_auth_signing_alg_values_supported", "RS256", "PS256", "ES256");
            WriteList(writer, "claims_supported", "sub", "iss", "aud", "exp", "iat", "nbf", "tid", "oid", "appid", "azp", "roles", "ver");
            writer.WriteString("cloud_instance_name", address.Environment);
            writer.WriteString("msgraph_host", address.Environment);
        });

    private Task WriteKeysAsync(HttpContext context, string issuer) =>
        JsonAnswer.WriteAsync(context, writer =>
        {
            writer.WriteStartArray("keys");
            foreach (var key in keys.Published)
            {
                key.WriteJwk(writer, issuer);
            }

            writer.WriteEndArray();
        });

    /// <summary>Only this authority's own addresses are known here: vouching for another host would send secrets there.</summary>
    private Task WriteInstanceAsync(HttpContext context)
    {
        var asked = context.Request.Query["authorization_endpoint"].ToString();
        if (!Uri.TryCreate(asked, UriKind.Absolute, out var endpoint)
            || !string.Equals(endpoint.GetLeftPart(UriPartial.Authority), address.Origin, StringComparison.OrdinalIgnoreCase)
            || endpoint.Segments.Length < 2)
        {
            return TokenAnswer.WriteAsync(context, new(400, "invalid_instance", 50049, "Unknown or invalid instance."), time.GetUtcNow());
        }

        var tenant = Uri.EscapeDataString(endpoint.Segments[1].TrimEnd('/'));
        return JsonAnswer.WriteAsync(context, writer =>
        {
            writer.WriteString("tenant_discovery_endpoint", $"{address.Origin}/{tenant}/v2.0/.well-known/openid-configuration");
            writer.WriteString("api-version", "1.1");
            writer.WriteStartArray("metadata");
            writer.WriteStartObject();
            writer.WriteString("preferred_network", address.Environment);
            writer.WriteString("preferred_cache", address.Environment);
            WriteList(writer, "aliases", address.Environment);
            writer.WriteEndObject();
            writer.WriteEndArray();
        });
    }

    private static void WriteList(Utf8JsonWriter writer, string name, params ReadOnlySpan<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}

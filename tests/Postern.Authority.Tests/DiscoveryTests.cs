using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Postern.Hosting.Tls;

namespace Postern.Authority.Tests;

public sealed class DiscoveryTests(SharedAuthority shared) : IClassFixture<SharedAuthority>
{
    [Theory]
    [InlineData(TestAuthority.Tenant + "/v2.0", TestAuthority.Tenant + "/v2.0", TestAuthority.Tenant + "/oauth2/v2.0/token")]
    [InlineData(TestAuthority.Tenant, TestAuthority.Tenant + "/", TestAuthority.Tenant + "/oauth2/token")]
    [InlineData("adfs", TestAuthority.Tenant + "/v2.0", "adfs/oauth2/token")]
    [InlineData("common/v2.0", "{tenantid}/v2.0", "common/oauth2/v2.0/token")]
    public async Task The_configuration_tells_issuer_endpoints_and_keys(string path, string issuer, string tokenEndpoint)
    {
        var authority = shared.Authority;

        var configuration = (await authority.Http.GetFromJsonAsync<JsonObject>($"/{path}/.well-known/openid-configuration"))!;

        Assert.Equal($"{authority.Origin}/{issuer}", configuration["issuer"]!.GetValue<string>());
        Assert.Equal($"{authority.Origin}/{tokenEndpoint}", configuration["token_endpoint"]!.GetValue<string>());
        Assert.StartsWith(authority.Origin, configuration["authorization_endpoint"]!.GetValue<string>(), StringComparison.Ordinal);
        var keys = (await authority.Http.GetFromJsonAsync<JsonObject>(configuration["jwks_uri"]!.GetValue<string>()))!;
        Assert.Equal("RSA", Assert.Single(keys["keys"]!.AsArray())!["kty"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_unknown_tenant_has_no_configuration()
    {
        var authority = shared.Authority;

        using var answer = await authority.Http.GetAsync("/00000000-0000-0000-0000-000000000001/v2.0/.well-known/openid-configuration");

        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Equal("invalid_tenant", (await answer.Content.ReadFromJsonAsync<JsonObject>())!["error"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_host_of_a_request_has_no_say_in_the_addresses()
    {
        var authority = shared.Authority;
        using var socket = new TcpClient("localhost", authority.Server.Address.Port);
        await using var tls = new SslStream(
            socket.GetStream(), false, (_, certificate, chain, errors) => TrustedRoots.FromPath(authority.Certificates.CaFile).Validate(certificate, chain, errors));
        await tls.AuthenticateAsClientAsync("localhost");

        await tls.WriteAsync("GET /common/v2.0/.well-known/openid-configuration HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(tls);
        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains(authority.Origin, answer, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Instance_discovery_vouches_for_this_authority_and_no_other()
    {
        var authority = shared.Authority;

        var own = (await authority.Http.GetFromJsonAsync<JsonObject>(
            $"/common/discovery/instance?api-version=1.1&authorization_endpoint={Uri.EscapeDataString($"{authority.Origin}/{TestAuthority.Tenant}/oauth2/v2.0/authorize")}"))!;
        using var other = await authority.Http.GetAsync("/common/discovery/instance?api-version=1.1&authorization_endpoint=https%3A%2F%2Fevil.example%2Fcommon");

        Assert.Equal($"{authority.Origin}/{TestAuthority.Tenant}/v2.0/.well-known/openid-configuration", own["tenant_discovery_endpoint"]!.GetValue<string>());
        Assert.Equal(400, (int)other.StatusCode);
    }

    [Fact]
    public async Task The_root_tells_that_it_is_ready()
    {
        var authority = shared.Authority;

        var status = (await authority.Http.GetFromJsonAsync<JsonObject>("/"))!;

        Assert.Equal("ready", status["status"]!.GetValue<string>());
    }
}

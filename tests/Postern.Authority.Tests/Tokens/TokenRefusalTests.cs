using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Postern.Authority.Tests.Tokens;

public sealed class TokenRefusalTests(SharedAuthority shared) : IClassFixture<SharedAuthority>
{
    private const string Scope = "https://azure-api.net/configuration/.default";
    private const string Nobody = "99999999-9999-9999-9999-999999999999";

    public static TheoryData<string, string, string?, string, int, string, int> Refusals => new()
    {
        { "an unknown tenant", "", null, Nobody, 400, "invalid_request", 90002 },
        { "no tenant at all", "", null, "common", 400, "invalid_request", 50059 },
        { "an unknown application", "client_id", Nobody, TestAuthority.Tenant, 400, "unauthorized_client", 700016 },
        { "a wrong secret", "client_secret", "wrong", TestAuthority.Tenant, 401, "invalid_client", 7000215 },
        { "an overlong secret", "client_secret", new('x', 2000), TestAuthority.Tenant, 401, "invalid_client", 7000215 },
        { "no credentials", "client_secret", null, TestAuthority.Tenant, 401, "invalid_client", 7000216 },
        { "no grant type", "grant_type", null, TestAuthority.Tenant, 400, "invalid_request", 900144 },
        { "another grant type", "grant_type", "password", TestAuthority.Tenant, 400, "unsupported_grant_type", 70003 },
        { "no client", "client_id", null, TestAuthority.Tenant, 400, "invalid_request", 900144 },
        { "no scope", "scope", null, TestAuthority.Tenant, 400, "invalid_request", 900144 },
        { "a scope without .default", "scope", "https://x/read", TestAuthority.Tenant, 400, "invalid_scope", 1002012 },
        { "two scopes", "scope", "https://x/.default https://y/.default", TestAuthority.Tenant, 400, "invalid_scope", 70011 },
        { "a scope of nothing", "scope", "/.default", TestAuthority.Tenant, 400, "invalid_scope", 70011 },
        { "a scope with a line break", "scope", "https://x/\n/.default", TestAuthority.Tenant, 400, "invalid_scope", 70011 },
        { "an endless scope", "scope", "https://x/" + new string('y', 600) + "/.default", TestAuthority.Tenant, 400, "invalid_scope", 70011 },
        { "a resource that isn't registered", "scope", Nobody + "/.default", TestAuthority.Tenant, 400, "invalid_resource", 500011 },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_request_is_refused_in_Entras_terms(string what, string field, string? value, string tenant, int status, string error, int code)
    {
        var authority = shared.Authority;
        var changes = field == "" ? Array.Empty<(string, string?)>() : [(field, value)];

        using var answer = await authority.PostTokenAsync(TestAuthority.Form(TestAuthority.Reader, Scope, changes), tenant);

        var body = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        Assert.True(status == (int)answer.StatusCode, $"{what}: {(int)answer.StatusCode} {body.ToJsonString()}");
        Assert.Equal(error, body["error"]!.GetValue<string>());
        Assert.Equal(code, Assert.Single(body["error_codes"]!.AsArray())!.GetValue<int>());
        Assert.StartsWith($"AADSTS{code}: ", body["error_description"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.True(Guid.TryParse(body["trace_id"]!.GetValue<string>(), out _));
        Assert.True(Guid.TryParse(body["correlation_id"]!.GetValue<string>(), out _));
        Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$", body["timestamp"]!.GetValue<string>());
        Assert.DoesNotContain(TestAuthority.Reader.Secret!, body.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_correlation_id_of_the_request_comes_back()
    {
        var authority = shared.Authority;
        var id = Guid.NewGuid().ToString();

        using var answer = await authority.Http.PostAsync($"/{Nobody}/oauth2/v2.0/token?client-request-id={id}", new FormUrlEncodedContent([]));

        Assert.Equal(id, (await answer.Content.ReadFromJsonAsync<JsonObject>())!["correlation_id"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_parameter_given_twice_is_refused()
    {
        var authority = shared.Authority;

        using var answer = await authority.PostTokenAsync([.. TestAuthority.Form(TestAuthority.Reader, Scope), ("scope", "https://other/.default")]);

        Assert.Equal(9000411, (await answer.Content.ReadFromJsonAsync<JsonObject>())!["error_codes"]![0]!.GetValue<int>());
    }

    [Fact]
    public async Task A_GET_is_told_to_POST()
    {
        var authority = shared.Authority;

        using var answer = await authority.Http.GetAsync($"/{TestAuthority.Tenant}/oauth2/v2.0/token");

        Assert.Equal(900561, (await answer.Content.ReadFromJsonAsync<JsonObject>())!["error_codes"]![0]!.GetValue<int>());
    }

    [Fact]
    public async Task An_oversized_body_is_refused_unread()
    {
        // The client asks before it sends: else the refusal races with the upload that it cuts off.
        using var handler = (SocketsHttpHandler)shared.Authority.NewHandler();
        handler.Expect100ContinueTimeout = TimeSpan.FromSeconds(30);
        using var http = new HttpClient(handler) { BaseAddress = shared.Authority.Http.BaseAddress };
        http.DefaultRequestHeaders.ExpectContinue = true;
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("client_secret", new string('x', 300 * 1024))]);

        using var answer = await http.PostAsync($"/{TestAuthority.Tenant}/oauth2/v2.0/token", form);

        Assert.InRange((int)answer.StatusCode, 400, 413);
    }

    [Fact]
    public async Task Guessing_is_slowed_down_and_those_who_know_their_secret_are_not()
    {
        await using var authority = await TestAuthority.StartAsync();
        await authority.TokenAsync(TestAuthority.Reader, Scope);
        for (var guess = 0; guess < 10; guess++)
        {
            using var refused = await authority.PostTokenAsync(TestAuthority.Form(TestAuthority.Reader, Scope, ("client_secret", $"guess {guess}")));
            Assert.Equal(401, (int)refused.StatusCode);
        }

        using var throttled = await authority.PostTokenAsync(TestAuthority.Form(TestAuthority.Reader, Scope, ("client_secret", "one more")));

        Assert.Equal(429, (int)throttled.StatusCode);
        Assert.Equal(TimeSpan.FromMinutes(1), throttled.Headers.RetryAfter!.Delta);
        await authority.TokenAsync(TestAuthority.Reader, Scope);
        authority.Clock.Advance(TimeSpan.FromMinutes(1));
        using var later = await authority.PostTokenAsync(TestAuthority.Form(TestAuthority.Reader, Scope, ("client_secret", "one more")));
        Assert.Equal(401, (int)later.StatusCode);
    }
}

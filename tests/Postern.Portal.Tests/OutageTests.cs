using System.Net;
using Postern.Hosting;

namespace Postern.Portal.Tests;

/// <summary>Each test has a portal of its own, because it breaks what is behind it.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private readonly PortalFixture _fixture = new();

    public ValueTask InitializeAsync() => _fixture.InitializeAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_refusal_is_shown_with_its_code_and_message()
    {
        _fixture.Management.Answers[FakeManagement.Root] = (403, "AuthorizationFailed", "The client 'operator' may not read the service.");
        using var client = await _fixture.SignedIn();
        using var answer = await client.GetAsync("/");

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
        Assert.Contains("AuthorizationFailed", page, StringComparison.Ordinal);
        Assert.Contains("The client 'operator' may not read the service.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unreachable_management_api_is_said_to_be_so()
    {
        using var client = await _fixture.SignedIn();
        await _fixture.Management.DisposeAsync();
        var page = await (await client.GetAsync("/gateways/edge")).Content.ReadAsStringAsync();

        Assert.Contains("Unreachable", page, StringComparison.Ordinal);
        Assert.Contains(_fixture.Management.Address.Authority, page, StringComparison.Ordinal);
        Assert.DoesNotContain("aria-label=\"healthy\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_operator_secret_shows_what_the_authority_said_but_not_the_secret()
    {
        const string Wrong = "a wrong secret";
        await using var portal = await PortalServer.StartAsync(_fixture.Options() with { Operator = new ClientCredential("operator", Wrong) });
        using var client = _fixture.Client();
        await client.GetAsync(portal.SignInAddress);
        var page = await client.GetStringAsync(new Uri(portal.Address, "/gateways"));

        Assert.Contains("invalid_client", page, StringComparison.Ordinal);
        Assert.DoesNotContain(Wrong, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_token_serves_many_calls_and_a_refused_one_is_renewed_once()
    {
        using var client = await _fixture.SignedIn();
        await client.GetStringAsync("/");
        await client.GetStringAsync("/gateways/edge");
        Assert.Equal(1, _fixture.Management.TokensGiven);

        _fixture.Management.Valid = 2;
        Assert.Contains("aria-label=\"healthy\"", await client.GetStringAsync("/gateways"), StringComparison.Ordinal);
        Assert.Equal(2, _fixture.Management.TokensGiven);
    }

    [Fact]
    public async Task The_token_is_not_taken_to_another_host_by_a_next_link()
    {
        await using var elsewhere = await FakeManagement.Start(_fixture.Certificate);
        _fixture.Management.Answers[$"{FakeManagement.Root}/gateways"] = new
        {
            value = new[] { new { id = $"{FakeManagement.Root}/gateways/edge", name = "edge" } },
            nextLink = new Uri(elsewhere.Address, "/more?api-version=2024-05-01"),
        };
        using var client = await _fixture.SignedIn();

        Assert.Contains("/gateways/edge", await client.GetStringAsync("/gateways"), StringComparison.Ordinal);
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task Every_page_of_a_collection_is_read()
    {
        _fixture.Management.Answers[$"{FakeManagement.Root}/gateways"] = new
        {
            value = new[] { new { id = $"{FakeManagement.Root}/gateways/edge", name = "edge" } },
            nextLink = new Uri(_fixture.Management.Address, "/page-2?api-version=2024-05-01"),
        };
        _fixture.Management.Answers["/page-2"] = FakeManagement.Collection(new { id = $"{FakeManagement.Root}/gateways/second", name = "second" });
        using var client = await _fixture.SignedIn();

        Assert.Contains("/gateways/second", await client.GetStringAsync("/gateways"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_is_named()
    {
        var refused = await Assert.ThrowsAsync<ListenException>(() =>
            PortalServer.StartAsync(_fixture.Options() with { Listen = ListenAddress.Loopback(_fixture.Portal.Address.Port) }));

        Assert.Equal(_fixture.Portal.Address.Port, refused.Port);
        Assert.Contains("portal", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_are_only_sent_over_https()
    {
        var plain = new Uri("http://localhost:1");
        await Assert.ThrowsAsync<ArgumentException>(() => PortalServer.StartAsync(_fixture.Options() with { ManagementEndpoint = plain }));
        await Assert.ThrowsAsync<ArgumentException>(() => PortalServer.StartAsync(_fixture.Options() with { Authority = plain }));
    }

    [Fact]
    public async Task A_short_access_code_is_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => PortalServer.StartAsync(_fixture.Options() with { AccessCode = "1234" }));

    [Fact]
    public async Task Without_a_code_each_start_makes_its_own()
    {
        await using var one = await PortalServer.StartAsync(_fixture.Options() with { AccessCode = null });
        await using var two = await PortalServer.StartAsync(_fixture.Options() with { AccessCode = null });

        Assert.NotEqual(one.SignInAddress.Query, two.SignInAddress.Query);
        using var client = _fixture.Client();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(one.SignInAddress)).StatusCode);
    }
}

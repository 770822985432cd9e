using System.Net;

namespace Postern.Portal.Tests;

/// <summary>The control plane's explanations, as a gateway's page shows them.</summary>
public sealed class GatewayAccessPageTests(PortalFixture fixture) : IClassFixture<PortalFixture>
{
    [Fact]
    public async Task Those_that_asked_lately_are_listed_with_their_outcome()
    {
        var page = await Page("/gateways/edge/access");

        Assert.Contains("aria-label=\"allowed\"", page, StringComparison.Ordinal);
        Assert.Contains("aria-label=\"refused\"", page, StringComparison.Ordinal);
        Assert.Contains("client-9", page, StringComparison.Ordinal);
        Assert.Contains($"href=\"/gateways/edge/access?principalId={Contoso.Refused}#explanation\"", page, StringComparison.Ordinal);
        Assert.Contains("It lacks &lt;read&gt;.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"explanation\"", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/gateways/edge/access\"", await Page("/gateways/edge"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Contoso.Refused)]
    [InlineData(" {99999999-AAAA-4000-8000-BBBBBBBBBBBB} ")]
    public async Task A_broken_link_is_shown_with_its_diagnostic_and_what_helps_and_later_ones_as_not_looked_at(string asked)
    {
        var why = await Why(asked);

        Assert.Contains("aria-label=\"refused\"", why, StringComparison.Ordinal);
        Assert.Equal(["met", "not met", "not looked at"], Marks(why));
        Assert.Contains("<code>A433</code> It lacks &lt;read&gt;.", why, StringComparison.Ordinal);
        Assert.Contains("Assign the Validator role.", why, StringComparison.Ordinal);
        Assert.Contains($"GET {FakeManagement.Root}/gateways/edge/access?principalId={Contoso.Refused}&api-version=2024-05-01", fixture.Management.Requests);
    }

    [Fact]
    public async Task An_outage_is_not_shown_as_a_refusal()
    {
        var why = await Why("cut-off");

        Assert.DoesNotContain("aria-label=\"refused\"", why, StringComparison.Ordinal);
        Assert.Equal(["met", "met", "undecided"], Marks(why));
    }

    [Fact]
    public async Task What_is_typed_stays_one_parameter_and_a_refusal_of_the_question_is_shown()
    {
        var page = await Page("/gateways/edge/access?principalId=" + Uri.EscapeDataString("a&$top=1\"><b>"));

        Assert.Contains("ResourceNotFound", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", page, StringComparison.Ordinal);
        Assert.Contains($"GET {FakeManagement.Root}/gateways/edge/access?principalId=a%26%24top%3D1%22%3E%3Cb%3E&api-version=2024-05-01", fixture.Management.Requests);
    }

    [Fact]
    public async Task A_gateway_that_is_missing_is_404()
    {
        using var client = await fixture.SignedIn();
        using var answer = await client.GetAsync("/gateways/absent/access");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private async Task<string> Why(string principal)
    {
        var page = await Page("/gateways/edge/access?principalId=" + Uri.EscapeDataString(principal));
        return page[page.IndexOf("id=\"explanation\"", StringComparison.Ordinal)..];
    }

    /// <summary>The names of the steps' marks, behind that of the outcome.</summary>
    private static string[] Marks(string why) => [.. why.Split("aria-label=\"").Skip(2).Select(part => part[..part.IndexOf('"', StringComparison.Ordinal)])];

    private async Task<string> Page(string path)
    {
        using var client = await fixture.SignedIn();
        using var answer = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }
}

using System.Net;
using Postern.Portal.SignIn;

namespace Postern.Portal.Tests;

public sealed class SignInTests(PortalFixture fixture) : IClassFixture<PortalFixture>
{
    [Theory]
    [InlineData("/")]
    [InlineData("/gateways")]
    [InlineData("/gateways/edge")]
    [InlineData("/apis")]
    [InlineData("/apis/echo")]
    [InlineData("/apis/echo/operations/get")]
    [InlineData("/products")]
    [InlineData("/products/starter")]
    [InlineData("/subscriptions")]
    [InlineData("/policy")]
    [InlineData("/access")]
    [InlineData("/nowhere")]
    public async Task A_page_sends_strangers_to_sign_in_and_shows_them_nothing(string path)
    {
        using var client = fixture.Client();
        using var answer = await client.GetAsync(path);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.StartsWith("/signin?return=", answer.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
        Assert.Empty(await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("wrong-horse-battery-staple")]
    [InlineData("correct-horse-battery-stapl")]
    [InlineData("correct-horse-battery-staple-and-more")]
    public async Task A_wrong_code_in_the_link_is_refused(string code)
    {
        using var client = fixture.Client();
        using var answer = await client.GetAsync($"/signin?code={code}");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.DoesNotContain(answer.Headers.GetValues("Set-Cookie"), cookie => cookie.Contains("__Host-postern-portal", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Redirect, (await client.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task The_link_signs_in_with_a_cookie_that_scripts_and_other_sites_cannot_use()
    {
        using var client = fixture.Client();
        using var answer = await client.GetAsync(fixture.Portal.SignInAddress);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("__Host-postern-portal=", StringComparison.Ordinal)).ToLowerInvariant();
        Assert.Contains("; secure", cookie, StringComparison.Ordinal);
        Assert.Contains("; httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("; samesite=strict", cookie, StringComparison.Ordinal);
        Assert.Contains("; path=/", cookie, StringComparison.Ordinal);
        Assert.Equal("0; url=/", Assert.Single(answer.Headers.GetValues("Refresh")));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task The_form_signs_in_with_the_right_code_and_goes_where_the_reader_wanted()
    {
        using var client = fixture.Client();
        using var answer = await Submit(client, PortalFixture.Code, "/gateways/edge");

        Assert.Equal("/gateways/edge", answer.Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/gateways/edge")).StatusCode);
    }

    [Fact]
    public async Task The_form_refuses_a_wrong_code()
    {
        using var client = fixture.Client();
        using var answer = await Submit(client, "a wrong code, but long", "/");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("not right", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_without_its_antiforgery_token_is_refused()
    {
        using var client = fixture.Client();
        using var answer = await client.PostAsync("/signin", new FormUrlEncodedContent([new("code", PortalFixture.Code)]));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_needs_the_antiforgery_token()
    {
        using var client = await fixture.SignedIn();
        using var refused = await client.PostAsync("/signout", new FormUrlEncodedContent([]));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/")).StatusCode);

        var token = PortalFixture.FormToken(await client.GetStringAsync("/"));
        using var accepted = await client.PostAsync("/signout", new FormUrlEncodedContent([new("__RequestVerificationToken", token)]));
        Assert.Equal("/signin", accepted.Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.Redirect, (await client.GetAsync("/")).StatusCode);
    }

    [Theory]
    [InlineData("//elsewhere.example")]
    [InlineData("/\\elsewhere.example")]
    [InlineData("https://elsewhere.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/a\r\nSet-Cookie: x=y")]
    [InlineData("")]
    [InlineData(null)]
    public void After_sign_in_nobody_is_sent_to_another_site(string? back) => Assert.Equal("/", SignInEndpoints.Local(back));

    [Fact]
    public async Task A_restart_ends_sessions()
    {
        using var client = await fixture.SignedIn();
        await using var other = await PortalServer.StartAsync(fixture.Options());
        using var answer = await client.GetAsync(other.Address);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
    }

    private static async Task<HttpResponseMessage> Submit(HttpClient client, string code, string back)
    {
        var page = await client.GetStringAsync($"/signin?return={Uri.EscapeDataString(back)}");
        Assert.Contains($"value=\"{back}\"", page, StringComparison.Ordinal);
        return await client.PostAsync("/signin", new FormUrlEncodedContent([new("code", code), new("return", back), new("__RequestVerificationToken", PortalFixture.FormToken(page))]));
    }
}

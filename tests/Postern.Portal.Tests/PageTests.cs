using System.Net;
using Postern.Portal.Management;

namespace Postern.Portal.Tests;

public sealed class PageTests(PortalFixture fixture) : IClassFixture<PortalFixture>
{
    [Fact]
    public async Task The_overview_names_the_service_its_identity_and_its_counts()
    {
        var page = await Page("/");

        Assert.Contains(Contoso.Identity, page, StringComparison.Ordinal);
        Assert.Contains("West Europe", page, StringComparison.Ordinal);
        Assert.Contains(">345<", page, StringComparison.Ordinal);
        Assert.Contains(">12<", page, StringComparison.Ordinal);
        Assert.Contains("aria-label=\"healthy\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_of_resources_is_never_markup()
    {
        var page = await Page("/gateways/edge");

        Assert.Contains("the &lt;edge&gt; gateway", page, StringComparison.Ordinal);
        Assert.DoesNotContain("the <edge> gateway", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_gateway_page_has_the_published_settings_for_a_new_node()
    {
        var page = WebUtility.HtmlDecode(await Page("/gateways/edge"));

        Assert.Contains($"config.service.endpoint={fixture.Management.Address.AbsoluteUri.TrimEnd('/')}\n", page, StringComparison.Ordinal);
        Assert.Contains("config.service.auth=azureAdApp\n", page, StringComparison.Ordinal);
        Assert.Contains("config.service.auth.azureAd.tenantId=tenant-1\n", page, StringComparison.Ordinal);
        Assert.Contains("gateway.name=edge\n", page, StringComparison.Ordinal);
        Assert.Contains("kind: ConfigMap", page, StringComparison.Ordinal);
        Assert.DoesNotContain(FakeManagement.Secret, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_api_shows_its_operations_and_its_policy_as_written()
    {
        var page = WebUtility.HtmlDecode(await Page("/apis/echo"));

        Assert.Contains("/{word}", page, StringComparison.Ordinal);
        Assert.Contains("""<span class="expression">@(context.Request.Headers.GetValueOrDefault("x-from","nobody"))</span>""", page, StringComparison.Ordinal);
        Assert.Contains($"GET {FakeManagement.Root}/apis/echo/policies/policy?format=rawxml&api-version=2024-05-01", fixture.Management.Requests);
    }

    [Fact]
    public async Task An_operation_without_a_policy_says_so_and_shows_the_one_around_it()
    {
        var page = await Page("/apis/echo/operations/get");

        Assert.Contains("no policy document", page, StringComparison.Ordinal);
        Assert.Contains("<summary>API", page, StringComparison.Ordinal);
        Assert.Contains("set-header", page, StringComparison.Ordinal);
        Assert.Contains("Global: none", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_product_shows_its_terms_and_its_apis()
    {
        Assert.Contains("not published", await Page("/products"), StringComparison.Ordinal);
        var page = await Page("/products/starter");
        Assert.Contains("required, with approval", page, StringComparison.Ordinal);
        Assert.Contains("/apis/echo", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_lists_are_shown_in_pages()
    {
        var first = WebUtility.HtmlDecode(await Page("/subscriptions"));
        Assert.Contains("/products/starter<", first, StringComparison.Ordinal);
        Assert.Contains("of 345", first, StringComparison.Ordinal);
        Assert.Contains("href=\"/subscriptions?skip=100\"", first, StringComparison.Ordinal);

        Assert.Contains("href=\"/subscriptions?skip=200\"", WebUtility.HtmlDecode(await Page("/subscriptions?skip=100")), StringComparison.Ordinal);
        Assert.Contains($"GET {FakeManagement.Root}/subscriptions?$top=100&$skip=100&api-version=2024-05-01", fixture.Management.Requests);
    }

    [Fact]
    public async Task Access_shows_who_may_do_what_where()
    {
        var page = await Page("/access");

        Assert.Contains("API Management Gateway Configuration Reader Role", page, StringComparison.Ordinal);
        Assert.Contains("Microsoft.ApiManagement/service/gateways/getConfiguration/action", page, StringComparison.Ordinal);
        Assert.Contains("app-object-id", page, StringComparison.Ordinal);
        Assert.Contains("this service's identity", WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        Assert.Equal(3, page.Split("aria-label=\"met\"").Length - 1);
        Assert.Contains($"GET {FakeManagement.Root}/providers/Microsoft.Authorization/roleAssignments?$filter=atScope()&api-version=2022-04-01", fixture.Management.Requests);
    }

    [Fact]
    public async Task A_missing_gateway_is_404_with_the_management_apis_code()
    {
        using var client = await fixture.SignedIn();
        using var answer = await client.GetAsync("/gateways/absent");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("ResourceNotFound", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public void Dots_do_not_climb_to_another_resource(string name)
    {
        var paths = new ServicePaths("sub-1", "rg-1", "contoso");

        Assert.Equal($"{FakeManagement.Root}/apis/%2A/policies/policy", ServicePaths.Policy(paths.Api(name)));
        Assert.Equal($"{FakeManagement.Root}/gateways/%2A/instances", paths.Instances(name));
    }

    [Fact]
    public async Task Nothing_may_come_from_elsewhere_or_frame_a_page()
    {
        using var client = await fixture.SignedIn();
        using var answer = await client.GetAsync("/");

        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("DENY", Assert.Single(answer.Headers.GetValues("X-Frame-Options")));
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Style_and_script_come_out_of_the_assembly()
    {
        using var client = fixture.Client();
        var page = await client.GetStringAsync("/signin");
        foreach (var (name, type) in new[] { ("portal.css", "text/css"), ("portal.js", "text/javascript"), ("postern.svg", "image/svg+xml") })
        {
            var start = page.IndexOf($"/assets/{name}?v=", StringComparison.Ordinal);
            using var answer = await client.GetAsync(page[start..page.IndexOf('"', start)]);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(type, answer.Content.Headers.ContentType!.MediaType);
            Assert.Equal(TimeSpan.FromDays(365), answer.Headers.CacheControl!.MaxAge);
        }
    }

    [Fact]
    public async Task A_request_for_another_host_is_refused()
    {
        using var handler = fixture.Roots.CreateHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true; // an attacker's page doesn't mind the name
        using var client = new HttpClient(handler) { BaseAddress = fixture.Portal.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/signin") { Headers = { Host = "rebound.example" } };
        using var answer = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private async Task<string> Page(string path)
    {
        using var client = await fixture.SignedIn();
        using var answer = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }
}

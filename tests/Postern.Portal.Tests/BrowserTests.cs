using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Postern.Portal.Tests;

/// <summary>What a person sees, in a real browser.</summary>
public sealed class BrowserTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private readonly PortalFixture _fixture = new();
    private Browser _browser = null!;

    public async ValueTask InitializeAsync()
    {
        await _fixture.InitializeAsync();
        _browser = await chromium.Open();
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        await _fixture.DisposeAsync();
    }

    [Fact]
    public async Task The_link_leads_to_the_gateway_page_with_a_green_check_and_the_node_count()
    {
        var page = await _browser.Open(_fixture.Portal.SignInAddress);
        await Expect(page).ToHaveURLAsync(_fixture.Portal.Address.AbsoluteUri);
        await page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = "Gateways" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "edge", Exact = true }).ClickAsync();

        var status = page.Locator(".status");
        await Expect(status.GetByRole(AriaRole.Img, new() { Name = "healthy" })).ToBeVisibleAsync();
        await Expect(status).ToHaveTextAsync("1 node");
        Assert.Equal("rgb(31, 122, 63)", await status.Locator("circle").EvaluateAsync<string>("circle => getComputedStyle(circle).fill"));
        Assert.Empty(_browser.Complaints);
    }

    [Fact]
    public async Task The_open_page_turns_red_with_the_reason_when_a_node_fails_and_green_again_after()
    {
        var page = await OpenGateway();
        var status = page.Locator(".status");
        await Expect(status.GetByLabel("healthy")).ToBeVisibleAsync();

        _fixture.Management.Instances("edge", FakeManagement.Instance("Healthy"), FakeManagement.Instance("Failed", "pod-b", 6, 7, "P101: <set-heder> is not a policy"));
        await Expect(status.GetByLabel("failed")).ToBeVisibleAsync();
        await Expect(status).ToHaveTextAsync("1 of 2 nodes failed");
        await Expect(page.Locator(".notice.bad")).ToHaveTextAsync("pod-b refused revision 7: P101: <set-heder> is not a policy");
        Assert.Equal("rgb(179, 38, 30)", await status.Locator("circle").EvaluateAsync<string>("circle => getComputedStyle(circle).fill"));

        _fixture.Management.Instances("edge", FakeManagement.Instance("Healthy"), FakeManagement.Instance("Healthy", "pod-b"));
        await Expect(status.GetByLabel("healthy")).ToBeVisibleAsync();
        await Expect(status).ToHaveTextAsync("2 nodes");
        await Expect(page.Locator(".notice.bad")).ToHaveCountAsync(0);
        Assert.Empty(_browser.Complaints);
    }

    [Fact]
    public async Task No_node_is_grey()
    {
        _fixture.Management.Instances("edge");
        var page = await OpenGateway();

        await Expect(page.Locator(".status")).ToHaveTextAsync("no nodes connected");
        await Expect(page.Locator(".status").GetByLabel("not connected")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_stranger_signs_in_with_the_code_and_lands_where_they_wanted()
    {
        var page = await _browser.Open(new Uri(_fixture.Portal.Address, "/gateways/edge"));
        await page.GetByLabel("Access code").FillAsync("a wrong code, but long");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("not right");

        await page.GetByLabel("Access code").FillAsync(PortalFixture.Code);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("edge");

        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.GetByLabel("Access code")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_connection_settings_can_be_copied()
    {
        await _browser.GrantClipboard();
        var page = await OpenGateway();
        await page.Locator("[data-copy=env-file]").ClickAsync();

        await Expect(page.Locator("[data-copy=env-file]")).ToHaveTextAsync("Copied");
        Assert.Contains("gateway.name=edge\n", await page.EvaluateAsync<string>("navigator.clipboard.readText()"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_lost_its_portal_says_so()
    {
        var page = await OpenGateway();
        await _fixture.Portal.DisposeAsync();

        await Expect(page.Locator("[data-connection]")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_policy_is_edited_refused_with_its_place_corrected_and_saved()
    {
        var path = $"{FakeManagement.Root}/apis/echo/policies/policy";
        _fixture.Management.Refusals[path] = PolicyEditorTests.Refusal;
        var page = await OpenGateway();
        await page.GotoAsync(new Uri(_fixture.Portal.Address, "/apis/echo").AbsoluteUri);
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit" }).ClickAsync();
        var editor = page.GetByRole(AriaRole.Textbox, new() { Name = "Policy document" });
        await Expect(editor).ToHaveValueAsync(Contoso.Policy);
        await editor.FillAsync("<policies>\n  <inbound>\n    <set-heder />\n  </inbound>\n</policies>");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        await page.Locator(".problems button").First.ClickAsync();
        Assert.Equal("<set-heder />", await editor.EvaluateAsync<string>("editor => editor.value.slice(editor.selectionStart, editor.selectionEnd)"));
        await Expect(page.Locator("[data-position]")).ToHaveTextAsync("Line 3, column 5");
        await Screenshot(page, "editor");

        _fixture.Management.Refusals.Clear();
        await editor.FillAsync("<policies>\n  <inbound>\n    <base />\n  </inbound>\n</policies>");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("Saved.")).ToBeVisibleAsync();
        await Expect(page.Locator("pre.policy")).ToContainTextAsync("<base />");
        Assert.Empty(_browser.Complaints);
    }

    [Fact]
    public async Task Narrow_screens_need_no_sideways_scrolling()
    {
        await using var phone = await chromium.Open(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 360, Height = 740 } });
        var page = await phone.Open(_fixture.Portal.SignInAddress);
        await Expect(page).ToHaveURLAsync(_fixture.Portal.Address.AbsoluteUri);
        foreach (var path in new[] { "/", "/gateways", "/gateways/edge", $"/gateways/edge/access?principalId={Contoso.Refused}", "/apis", "/apis/echo", "/access", "/policy", "/products", "/products/starter", "/subscriptions", "/apis/echo?edit=1" })
        {
            await page.GotoAsync(new Uri(_fixture.Portal.Address, path).AbsoluteUri);
            Assert.True(await page.EvaluateAsync<int>("document.documentElement.scrollWidth") <= 360, path);
            await Screenshot(page, $"narrow{path.Replace('/', '-').Replace('?', '-')}");
        }
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Text_has_enough_contrast(ColorScheme scheme)
    {
        _fixture.Management.Instances("edge", FakeManagement.Instance("Healthy"), FakeManagement.Instance("Failed", "pod-b", 6, 7, "P101: <set-heder> is not a policy"), FakeManagement.Instance("Stale", "pod-c"));
        await using var reader = await chromium.Open(new BrowserNewContextOptions { ColorScheme = scheme, ViewportSize = new ViewportSize { Width = 1280, Height = 900 } });
        var page = await reader.Open(_fixture.Portal.SignInAddress);
        await Expect(page).ToHaveURLAsync(_fixture.Portal.Address.AbsoluteUri);
        foreach (var path in new[] { "/", "/gateways/edge", $"/gateways/edge/access?principalId={Contoso.Refused}", "/apis/echo", "/apis/echo?edit=1", "/access", "/policy" })
        {
            await page.GotoAsync(new Uri(_fixture.Portal.Address, path).AbsoluteUri);
            await Screenshot(page, $"{scheme}{path.Replace('/', '-').Replace('?', '-')}");
            Assert.Empty(await page.EvaluateAsync<string[]>(Contrast.Script));
        }
    }

    /// <summary>Kept only when a folder is asked for, to look at.</summary>
    private static async Task Screenshot(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = true });
        }
    }

    private async Task<IPage> OpenGateway()
    {
        var page = await _browser.Open(_fixture.Portal.SignInAddress);
        await Expect(page).ToHaveURLAsync(_fixture.Portal.Address.AbsoluteUri);
        await page.GotoAsync(new Uri(_fixture.Portal.Address, "/gateways/edge").AbsoluteUri);
        return page;
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Postern.Portal.Tests.Whole;

/// <summary>The portal on the real control plane and the real authority, which the tests share: only one of them plays nodes.</summary>
public sealed class WholeTests(Chromium chromium, WholeSystem system) : IClassFixture<Chromium>, IClassFixture<WholeSystem>
{
    [Fact]
    public async Task Nodes_turn_the_gateway_green_then_red_with_the_reason_and_silence_is_noticed()
    {
        await using var browser = await chromium.Open();
        var page = await browser.Open(system.Portal.SignInAddress);
        await Expect(page).ToHaveURLAsync(system.Portal.Address.AbsoluteUri);
        await page.GotoAsync(new Uri(system.Portal.Address, "/gateways/edge").AbsoluteUri);
        var status = page.Locator(".status");
        await Expect(status).ToHaveTextAsync("no nodes connected");

        await system.Heartbeat("i-1", "pod-a", applied: 3);
        await Expect(status.GetByLabel("healthy")).ToBeVisibleAsync();
        await Expect(status).ToHaveTextAsync("1 node");

        await system.Heartbeat("i-2", "pod-b", applied: 3, rejected: 4, reason: "P101 on line 2");
        await Expect(status.GetByLabel("failed")).ToBeVisibleAsync();
        await Expect(page.Locator(".notice.bad")).ToHaveTextAsync("pod-b refused revision 4: P101 on line 2");

        await system.Heartbeat("i-2", "pod-b", applied: 5);
        await Expect(status).ToHaveTextAsync("2 nodes");

        system.Time.MoveOn(TimeSpan.FromMinutes(3));
        await Expect(status.GetByLabel("stale")).ToBeVisibleAsync();
        await Expect(status).ToHaveTextAsync("2 nodes silent");

        await system.Heartbeat("i-1", "pod-a", applied: 5);
        await Expect(status.GetByLabel("degraded")).ToBeVisibleAsync();
        system.Time.MoveOn(TimeSpan.FromMinutes(8));
        await system.Heartbeat("i-1", "pod-a", applied: 5);
        await Expect(status).ToHaveTextAsync("1 node");
        Assert.Empty(browser.Complaints);
    }

    [Theory]
    [InlineData("/", "West Europe")]
    [InlineData("/gateways", "in the cellar")]
    [InlineData("/gateways/edge", "Echo")]
    [InlineData("/gateways/edge/access", "Asked within the last hour")]
    [InlineData("/apis", "https://echo.example/base")]
    [InlineData("/apis/echo", "/again")]
    [InlineData("/apis/echo/operations/say", "Say it again")]
    [InlineData("/products", "Products")]
    [InlineData("/subscriptions", "Subscriptions")]
    [InlineData("/policy", "forward-request")]
    [InlineData("/access", "Owner")]
    public async Task Each_page_shows_what_the_control_plane_has_and_no_error(string path, string text)
    {
        using var client = await system.SignedIn();
        using var answer = await client.GetAsync(path);
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(text, page, StringComparison.Ordinal);
        Assert.DoesNotContain("role=\"alert\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_link_that_keeps_a_node_from_its_configuration_is_shown_until_it_holds()
    {
        await using var browser = await chromium.Open();
        var page = await browser.Open(system.Portal.SignInAddress);
        await Expect(page).ToHaveURLAsync(system.Portal.Address.AbsoluteUri);
        await page.GotoAsync(new Uri(system.Portal.Address, "/gateways/edge").AbsoluteUri);
        await page.GetByRole(AriaRole.Link, new() { Name = "Who may read it" }).ClickAsync();
        await Expect(page.GetByText("No principal has asked")).ToBeVisibleAsync();

        Assert.Equal(HttpStatusCode.Forbidden, await system.AskForConfiguration());
        await page.GetByRole(AriaRole.Link, new() { Name = WholeSystem.NodePrincipal }).ClickAsync();
        var why = page.Locator("#explanation");
        await Expect(why.GetByLabel("refused")).ToBeVisibleAsync();
        await Expect(why.Locator(".requirement").Nth(1).GetByLabel("not met")).ToBeVisibleAsync();
        await Expect(why.Locator(".requirement").Nth(1).Locator("code")).ToHaveTextAsync("A433");
        await Expect(why.Locator(".notice")).ToContainTextAsync("Validator");

        var identity = (await system.Management.GetFromJsonAsync<JsonNode>($"{WholeSystem.Service}?api-version=2024-05-01"))!["identity"]!["principalId"]!.GetValue<string>();
        await system.Grant(identity, WholeSystem.Service, ["Microsoft.Authorization/*/read"], []);
        await Expect(why.GetByLabel("met", new() { Exact = true })).ToHaveCountAsync(2);
        await Expect(why.Locator(".requirement").Nth(2).Locator("code")).ToHaveTextAsync("A434");

        await system.Grant(WholeSystem.NodePrincipal, WholeSystem.Service, [], ["Microsoft.ApiManagement/service/gateways/getConfiguration/action"]);
        await Expect(why.GetByLabel("allowed")).ToBeVisibleAsync();
        await Expect(why.GetByLabel("met", new() { Exact = true })).ToHaveCountAsync(3);

        await page.GetByLabel("Object id").FillAsync("0e0e0000-0000-4000-8000-0000000000ff");
        await page.GetByRole(AriaRole.Button, new() { Name = "Explain" }).ClickAsync();
        await Expect(why.Locator(".requirement").Nth(2).Locator("code")).ToHaveTextAsync("A434");
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task A_policy_is_refused_at_its_line_and_saved_when_it_is_right()
    {
        await using var browser = await chromium.Open();
        var page = await browser.Open(system.Portal.SignInAddress);
        await Expect(page).ToHaveURLAsync(system.Portal.Address.AbsoluteUri);
        await page.GotoAsync(new Uri(system.Portal.Address, "/apis/echo?edit=1").AbsoluteUri);
        var editor = page.GetByRole(AriaRole.Textbox, new() { Name = "Policy document" });

        await editor.FillAsync("<policies>\n  <inbound>\n    <base />\n    <set-heder name=\"a\" />\n  </inbound>\n</policies>");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.Locator(".problems button").First.ClickAsync();
        await Expect(page.Locator("[data-position]")).ToContainTextAsync("Line 4,");

        const string Right = "<policies>\n  <inbound>\n    <base />\n    <set-variable name=\"a\" value=\"@(context.Request.Method == \"GET\" ? \"<>\" : \"&\")\" />\n  </inbound>\n</policies>";
        await editor.FillAsync(Right);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("Saved.")).ToBeVisibleAsync();
        await Expect(page.Locator("pre.policy").First).ToContainTextAsync("@(context.Request.Method == \"GET\" ? \"<>\" : \"&\")");

        await page.GotoAsync(new Uri(system.Portal.Address, "/apis/echo?edit=1").AbsoluteUri);
        await editor.FillAsync(Right.Replace("GET", "PUT", StringComparison.Ordinal));
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("Saved.")).ToBeVisibleAsync();
        Assert.Empty(browser.Complaints);
    }
}

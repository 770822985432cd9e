using Microsoft.Playwright;

namespace Postern.EndToEnd.Tests;

/// <summary>The portal of a running system whose gateway has one node, in a real browser.</summary>
[Collection(nameof(NobodyElse))]
public sealed class PortalTests(OwnSystem system)
{
    [Fact]
    public async Task The_gateway_page_shows_a_green_check_and_the_node_count()
    {
        // As in the portal's own tests: a browser that starts beside others takes its time.
        Assertions.SetDefaultExpectTimeout(20_000);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var page = await browser.NewPageAsync(new() { IgnoreHTTPSErrors = true });
        await page.GotoAsync($"{system["PORTAL_URL"]}/signin?code={system["PORTAL_CODE"]}");
        await page.GotoAsync($"{system["PORTAL_URL"]}/gateways/edge");
        await Assertions.Expect(page.GetByLabel("healthy").First).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText(new System.Text.RegularExpressions.Regex(@"\d+ nodes?")).First).ToBeVisibleAsync();
    }
}

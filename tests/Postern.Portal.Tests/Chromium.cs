using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Postern.Portal.Tests;

/// <summary>Debian's Chromium, driven by Playwright and started once; <c>CHROMIUM</c> names another.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    public async ValueTask InitializeAsync()
    {
        SetDefaultExpectTimeout(20_000);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
            Args = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    /// <summary>A browser of its own as far as pages can tell. It doesn't know the tests' certificate authority.</summary>
    internal async Task<Browser> Open(BrowserNewContextOptions? options = null)
    {
        options ??= new BrowserNewContextOptions();
        options.IgnoreHTTPSErrors = true;
        return new Browser(await _browser.NewContextAsync(options));
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}

/// <summary>One reader's browser, with cookies of its own.</summary>
internal sealed class Browser(IBrowserContext context) : IAsyncDisposable
{
    /// <summary>What pages complained about on the console, such as something that the content policy kept out.</summary>
    public List<string> Complaints { get; } = [];

    public async Task<IPage> Open(Uri address)
    {
        var page = await context.NewPageAsync();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                Complaints.Add(message.Text);
            }
        };
        await page.GotoAsync(address.AbsoluteUri);
        return page;
    }

    public Task GrantClipboard() => context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);

    public async ValueTask DisposeAsync() => await context.DisposeAsync();
}

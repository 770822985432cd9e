using System.Net;
using System.Security.Cryptography.X509Certificates;
using Postern.Hosting;
using Postern.Hosting.Tls;

namespace Postern.Portal.Tests;

/// <summary>A portal of the service <c>contoso</c> with one gateway, one API and two role assignments, and its management API.</summary>
public sealed class PortalFixture : IAsyncLifetime
{
    public const string Code = "correct-horse-battery-staple";

    private readonly string _folder = Directory.CreateTempSubdirectory("postern-portal-").FullName;

    internal FakeManagement Management { get; private set; } = null!;

    internal PortalServer Portal { get; private set; } = null!;

    internal TrustedRoots Roots { get; private set; } = null!;

    internal X509Certificate2 Certificate { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var certificates = DevelopmentCertificates.LoadOrCreate(_folder, TimeProvider.System);
        Certificate = certificates.IssueLoopback();
        Roots = TrustedRoots.FromPath(certificates.CaFile);
        Management = await FakeManagement.Start(Certificate);
        Contoso.Fill(Management);
        Portal = await PortalServer.StartAsync(Options());
    }

    internal PortalOptions Options() => new()
    {
        ServerCertificate = Certificate,
        Roots = Roots,
        ManagementEndpoint = Management.Address,
        Authority = Management.Address,
        TenantId = "tenant-1",
        Operator = new ClientCredential("operator", FakeManagement.Secret),
        SubscriptionId = "sub-1",
        ResourceGroup = "rg-1",
        ServiceName = "contoso",
        AccessCode = Code,
        Refresh = TimeSpan.FromSeconds(1),
    };

    /// <summary>A client like a browser without scripts: cookies, and redirects only when asked for.</summary>
    internal HttpClient Client(bool follow = false)
    {
        var handler = Roots.CreateHandler();
        handler.AllowAutoRedirect = follow;
        handler.CookieContainer = new CookieContainer();
        return new HttpClient(handler) { BaseAddress = Portal.Address };
    }

    internal async Task<HttpClient> SignedIn()
    {
        var client = Client();
        using var answer = await client.GetAsync(Portal.SignInAddress);
        answer.EnsureSuccessStatusCode();
        return client;
    }

    /// <summary>What a form needs to be accepted.</summary>
    internal static string FormToken(string page)
    {
        const string Before = "name=\"__RequestVerificationToken\" value=\"";
        var start = page.LastIndexOf(Before, StringComparison.Ordinal) + Before.Length;
        return start < Before.Length ? throw new InvalidOperationException("The page has no antiforgery token.") : page[start..page.IndexOf('"', start)];
    }

    public async ValueTask DisposeAsync()
    {
        await Portal.DisposeAsync();
        await Management.DisposeAsync();
        Certificate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

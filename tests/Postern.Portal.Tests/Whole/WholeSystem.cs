using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Postern.Authority;
using Postern.ControlPlane;
using Postern.ControlPlane.Store;
using Postern.Hosting;
using Postern.Hosting.Tls;

namespace Postern.Portal.Tests.Whole;

/// <summary>Authority, control plane and portal over HTTPS on free ports. Nodes are played by their heartbeats.</summary>
public sealed class WholeSystem : IAsyncLifetime
{
    public const string Service = "/subscriptions/" + SubscriptionId + "/resourceGroups/rg-1/providers/Microsoft.ApiManagement/service/contoso";

    private const string TenantId = "7e11a117-0000-4000-8000-000000000002";
    private const string SubscriptionId = "5b5c0000-0000-4000-8000-000000000001";
    private const string Operator = "c11e0000-0000-4000-8000-000000000001";
    /// <summary>The application that a node signs in as; it holds no role until a test assigns one.</summary>
    internal const string NodePrincipal = "0e0e0000-0000-4000-8000-000000000009";

    private const string Node = "c11e0000-0000-4000-8000-000000000009";
    private const string NodeSecret = "node-secret";
    private const string Secret = "the operator's own secret";

    private readonly string _folder = Directory.CreateTempSubdirectory("postern-portal-whole-").FullName;
    private AuthorityServer _authority = null!;
    private ControlPlaneServer _plane = null!;
    private TrustedRoots _roots = null!;
    private HttpClient _gateway = null!;

    internal MovableTime Time { get; } = new();

    internal PortalServer Portal { get; private set; } = null!;

    /// <summary>The management API as the operator.</summary>
    internal HttpClient Management { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var certificates = DevelopmentCertificates.LoadOrCreate(Path.Combine(_folder, "ca"), TimeProvider.System);
        var certificate = certificates.IssueLoopback();
        _roots = TrustedRoots.FromPath(certificates.CaFile);
        _authority = await AuthorityServer.StartAsync(
            new()
            {
                DataFolder = Path.Combine(_folder, "authority"),
                ServerCertificate = certificate,
                Time = Time,
                Seed = new(TenantId,
                [
                    new(Operator, "operator", "0e0e0000-0000-4000-8000-000000000001", Secret, false),
                    new("c11e0000-0000-4000-8000-000000000003", "control plane", "0e0e0000-0000-4000-8000-000000000003", "plane-secret", true),
                    new(Node, "node", NodePrincipal, NodeSecret, false),
                ]),
            },
            CancellationToken.None);
        _plane = await ControlPlaneServer.StartAsync(
            new()
            {
                Store = StoreOptions.Sqlite(Path.Combine(_folder, "store.db")),
                KeyFile = Path.Combine(_folder, "store.key"),
                Listen = ListenAddress.Loopback(),
                ServerCertificate = certificate,
                Roots = _roots,
                Authority = _authority.Address,
                TenantId = TenantId,
                SubscriptionId = SubscriptionId,
                Owners = ["0e0e0000-0000-4000-8000-000000000001"],
                Directory = new("c11e0000-0000-4000-8000-000000000003", "plane-secret"),
                Time = Time,
            },
            CancellationToken.None);
        Portal = await PortalServer.StartAsync(new PortalOptions
        {
            ServerCertificate = certificate,
            Roots = _roots,
            ManagementEndpoint = _plane.Address,
            Authority = _authority.Address,
            TenantId = TenantId,
            Operator = new ClientCredential(Operator, Secret),
            SubscriptionId = SubscriptionId,
            ResourceGroup = "rg-1",
            ServiceName = "contoso",
            Refresh = TimeSpan.FromSeconds(1),
            Time = Time,
        });
        Management = Client(_plane.Address);
        Management.DefaultRequestHeaders.Authorization = new("Bearer", await Token(Operator, Secret, "https://management.azure.com/.default"));
        _gateway = Client(_plane.Address);
        await Provision();
    }

    public async ValueTask DisposeAsync()
    {
        await Portal.DisposeAsync();
        await _plane.DisposeAsync();
        await _authority.DisposeAsync();
        Management.Dispose();
        _gateway.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    internal HttpClient Client(Uri address) => new(_roots.CreateHandler()) { BaseAddress = address };

    /// <summary>A browser without scripts that is signed in.</summary>
    internal async Task<HttpClient> SignedIn()
    {
        var client = Client(Portal.Address);
        (await client.GetAsync(Portal.SignInAddress)).EnsureSuccessStatusCode();
        return client;
    }

    internal async Task<JsonNode> Put(string path, object body, string version = "2024-05-01")
    {
        using var answer = await Management.PutAsJsonAsync($"{path}?api-version={version}", body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>What a node that runs as the gateway <c>edge</c> sends every minute.</summary>
    internal async Task Heartbeat(string instance, string host, long? applied, long? rejected = null, string? reason = null)
    {
        using var answer = await _gateway.PostAsJsonAsync("/gateways/edge/heartbeat", new
        {
            instanceId = instance,
            host,
            version = "0.1.0",
            uptimeSeconds = 61.5,
            appliedRevision = applied,
            rejectedRevision = rejected,
            rejectedReason = reason,
            deployment = new { },
        });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>A node asks for the configuration of <c>edge</c> with its Entra token.</summary>
    internal async Task<HttpStatusCode> AskForConfiguration()
    {
        using var client = Client(_plane.Address);
        client.DefaultRequestHeaders.Authorization = new("Bearer", await Token(Node, NodeSecret, "https://azure-api.net/configuration/.default"));
        using var answer = await client.GetAsync("/gateways/edge/snapshot");
        return answer.StatusCode;
    }

    /// <summary>A custom role of its own, assigned at <paramref name="scope"/>.</summary>
    internal async Task Grant(string principal, string scope, string[] actions, string[] dataActions)
    {
        const string Authorization = "2022-04-01";
        var role = $"/subscriptions/{SubscriptionId}/providers/Microsoft.Authorization/roleDefinitions/{Guid.NewGuid()}";
        await Put(role, new
        {
            properties = new
            {
                roleName = $"Role for {principal}",
                type = "CustomRole",
                permissions = new[] { new { actions, notActions = Array.Empty<string>(), dataActions, notDataActions = Array.Empty<string>() } },
                assignableScopes = new[] { $"/subscriptions/{SubscriptionId}" },
            },
        }, Authorization);
        await Put($"{scope}/providers/Microsoft.Authorization/roleAssignments/{Guid.NewGuid()}",
            new { properties = new { roleDefinitionId = role, principalId = principal, principalType = "ServicePrincipal" } }, Authorization);
    }

    private async Task<string> Token(string id, string secret, string scope)
    {
        using var client = Client(_authority.Address);
        using var answer = await client.PostAsync($"/{TenantId}/oauth2/v2.0/token", new FormUrlEncodedContent(
        [
            new("grant_type", "client_credentials"), new("client_id", id), new("client_secret", secret), new("scope", scope),
        ]));
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!["access_token"]!.GetValue<string>();
    }

    private async Task Provision()
    {
        await Put($"/subscriptions/{SubscriptionId}/resourceGroups/rg-1", new { location = "local" }, "2021-04-01");
        await Put(Service, new
        {
            location = "West Europe",
            sku = new { name = "Developer", capacity = 1 },
            identity = new { type = "SystemAssigned" },
            properties = new { publisherEmail = "a@b.example", publisherName = "Contoso" },
        });
        await Put($"{Service}/gateways/edge", new { properties = new { description = "in the cellar", locationData = new { name = "Ghent" } } });
        await Put($"{Service}/apis/echo", new { properties = new { displayName = "Echo", path = "echo", serviceUrl = "https://echo.example/base", protocols = new[] { "https" } } });
        await Put($"{Service}/apis/echo/operations/say", new { properties = new { displayName = "Say it again", method = "GET", urlTemplate = "/again" } });
        await Put($"{Service}/gateways/edge/apis/echo", new { });
        using var answer = await Management.PostAsJsonAsync(
            $"{Service}/gateways/edge/generateToken?api-version=2024-05-01", new { keyType = "primary", expiry = Time.GetUtcNow().AddDays(1) });
        var token = (await answer.Content.ReadFromJsonAsync<JsonObject>())!["value"]!.GetValue<string>();
        _gateway.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("GatewayKey", token);
    }
}

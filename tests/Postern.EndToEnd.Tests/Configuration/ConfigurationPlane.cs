using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Azure.Core.Pipeline;
using Azure.Identity;
using Postern.Authority;
using Postern.Configuration.Export;
using Postern.Configuration.Import;
using Postern.Configuration.Service;
using Postern.ControlPlane;
using Postern.ControlPlane.Store;
using Postern.EndToEnd.Tests.Configuration;
using Postern.Hosting;
using Postern.Hosting.Tls;
using Postern.Snapshots;
using Postern.Testing;

[assembly: AssemblyFixture(typeof(ConfigurationPlane))]

namespace Postern.EndToEnd.Tests.Configuration;

/// <summary>A control plane with its authority, for services that are made, exported, thrown away and made again.</summary>
public sealed class ConfigurationPlane : IAsyncLifetime
{
    public const string SubscriptionId = "5b5c0000-0000-4000-8000-00000000000c";

    private const string TenantId = "7e11a117-0000-4000-8000-00000000000c";
    private const string Client = "c11e0000-0000-4000-8000-00000000000c";
    private const string OwnerObject = "0e0e0000-0000-4000-8000-00000000000c";
    private const string Secret = "owner-secret";
    private const string Group = $"/subscriptions/{SubscriptionId}/resourceGroups/rg1";

    private readonly TemporaryFolder _folder = new();
    private AuthorityServer _authority = null!;
    private ControlPlaneServer _server = null!;
    private ClientSecretCredential _credential = null!;
    private int _services;

    public Uri Address => _server.Address;

    public TrustedRoots Roots { get; private set; } = null!;

    public System.Security.Cryptography.X509Certificates.X509Certificate2 Certificate { get; private set; } = null!;

    public HttpClient Owner { get; private set; } = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var certificates = DevelopmentCertificates.LoadOrCreate(_folder.In("ca"), TimeProvider.System);
        Certificate = certificates.IssueLoopback();
        Roots = TrustedRoots.FromPath(certificates.CaFile);
        _authority = await AuthorityServer.StartAsync(
            new()
            {
                DataFolder = _folder.In("authority"),
                ServerCertificate = Certificate,
                Seed = new(TenantId,
                [
                    new(Client, "owner", OwnerObject, Secret, false),
                    new("c11e0000-0000-4000-8000-00000000000d", "control plane", "0e0e0000-0000-4000-8000-00000000000d", "plane-secret", true),
                ]),
            },
            CancellationToken.None);
        _server = await ControlPlaneServer.StartAsync(
            new()
            {
                Store = StoreOptions.Sqlite(_folder.In("store.db")),
                KeyFile = _folder.In("store.key"),
                Listen = ListenAddress.Loopback(),
                ServerCertificate = Certificate,
                Roots = Roots,
                Authority = _authority.Address,
                TenantId = TenantId,
                SubscriptionId = SubscriptionId,
                Owners = [OwnerObject],
                Directory = new("c11e0000-0000-4000-8000-00000000000d", "plane-secret"),
            },
            CancellationToken.None);
        Owner = new(Roots.CreateHandler()) { BaseAddress = Address };
        _credential = new(TenantId, Client, Secret, new ClientSecretCredentialOptions
        {
            AuthorityHost = _authority.Address,
            DisableInstanceDiscovery = true,
            Transport = new HttpClientTransport(Owner),
        });
        var token = await _credential.GetTokenAsync(new([$"{Address.GetLeftPart(UriPartial.Authority)}/.default"]), CancellationToken.None);
        Owner.DefaultRequestHeaders.Authorization = new("Bearer", token.Token);
        await SendAsync(HttpMethod.Put, Group, new() { ["location"] = "local" }, "2021-04-01");
        await LetExportCertificatesAsync();
    }

    /// <summary>Certificates' files are read with a data action, which owning everything does not bring.</summary>
    private async Task LetExportCertificatesAsync()
    {
        const string Authorization = $"/subscriptions/{SubscriptionId}/providers/Microsoft.Authorization";
        const string Role = $"{Authorization}/roleDefinitions/4013c000-0000-4000-8000-00000000000c";
        var document = await File.ReadAllTextAsync(Path.Combine(GeneratedDocument.Root, "samples/contoso/roles/certificate-exporter.json"));
        var role = (JsonObject)JsonNode.Parse(document.Replace("{subscriptionID}", SubscriptionId, StringComparison.Ordinal))!;
        await SendAsync(HttpMethod.Put, Role, role, "2022-04-01");
        await SendAsync(HttpMethod.Put, $"{Authorization}/roleAssignments/a5516000-0000-4000-8000-00000000000c", new()
        {
            ["properties"] = new JsonObject { ["roleDefinitionId"] = Role, ["principalId"] = OwnerObject, ["principalType"] = "ServicePrincipal" },
        }, "2022-04-01");
    }

    /// <returns>Id of a new service; its gateways are named after it, because gateways say only their own name.</returns>
    public async Task<string> CreateServiceAsync()
    {
        var id = $"{Group}/providers/Microsoft.ApiManagement/service/cfg{Interlocked.Increment(ref _services)}";
        await CreateServiceAsync(id);
        return id;
    }

    public Task CreateServiceAsync(string id) => SendAsync(HttpMethod.Put, id, new()
    {
        ["location"] = "local",
        ["sku"] = new JsonObject { ["name"] = "Developer", ["capacity"] = 1 },
        ["properties"] = new JsonObject { ["publisherEmail"] = "a@b.example", ["publisherName"] = "Contoso" },
    });

    public Task<JsonObject> PutAsync(string id, JsonObject? properties) =>
        SendAsync(HttpMethod.Put, id, properties is null ? [] : new() { ["properties"] = properties });

    public async Task<JsonObject> SendAsync(HttpMethod method, string id, JsonObject? body = null, string version = "2024-05-01")
    {
        using var request = new HttpRequestMessage(method, $"{id}{(id.Contains('?') ? '&' : '?')}api-version={version}") { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await Owner.SendAsync(request, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, $"{method} {id}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? [] : (JsonObject)JsonNode.Parse(text)!;
    }

    /// <returns>A token that the gateway shows at the configuration API.</returns>
    public async Task<string> GatewayTokenAsync(string service, string gateway)
    {
        var answer = await SendAsync(HttpMethod.Post, $"{service}/gateways/{gateway}/generateToken", new() { ["keyType"] = "primary", ["expiry"] = $"{TimeProvider.System.GetUtcNow().AddDays(1):yyyy-MM-ddTHH:mm:ssZ}" });
        return $"GatewayKey {answer["value"]}";
    }

    /// <returns>What a gateway with this token would get now.</returns>
    public async Task<Snapshot> SnapshotAsync(string gateway, string token)
    {
        using var http = new HttpClient(Roots.CreateHandler()) { BaseAddress = Address };
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", token);
        return (await http.GetFromJsonAsync($"gateways/{gateway}/snapshot", SnapshotJson.Default.Snapshot, Cancellation))!;
    }

    internal ServiceConnection Connect(string service) => new(Address, service, _credential, Roots);

    internal async Task<ExportedService> ExportAsync(string service, string folder, bool secrets)
    {
        using var client = new ServiceClient(Connect(service), TimeProvider.System);
        var options = new ExportOptions(folder, secrets, Json: false, Parallel: 8);
        var exported = await new ServiceExport(new(client, options.Parallel), options).ReadAsync(Cancellation);
        new FolderWriter(folder).Write(exported);
        return exported;
    }

    internal async Task<ImportPlan> PlanAsync(string service, string folder, bool delete = false, bool restore = false, params string[] overrides)
    {
        using var client = new ServiceClient(Connect(service), TimeProvider.System);
        return (await PlanAsync(client, new(folder, overrides, delete, restore, Parallel: 8))).Plan;
    }

    /// <returns>What was done; the plan had no problems.</returns>
    internal async Task<ImportOutcome> ImportAsync(string service, string folder, bool delete = false, bool restore = false, params string[] overrides)
    {
        using var client = new ServiceClient(Connect(service), TimeProvider.System);
        var (plan, planner) = await PlanAsync(client, new(folder, overrides, delete, restore, Parallel: 8));
        Assert.Empty(plan.Problems);
        return await new ImportRun(new(client, restore, planner.Paths), plan, parallel: 8).RunAsync(Cancellation);
    }

    private static async Task<(ImportPlan Plan, ImportPlanner Planner)> PlanAsync(ServiceClient client, ImportOptions options)
    {
        var planner = new ImportPlanner(new(client, options.Parallel), options);
        planner.ReadFolder();
        return (await planner.PlanAsync(Cancellation), planner);
    }

    public async ValueTask DisposeAsync()
    {
        Owner?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        if (_authority is not null)
        {
            await _authority.DisposeAsync();
        }

        _folder.Dispose();
    }
}

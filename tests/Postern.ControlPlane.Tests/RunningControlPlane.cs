using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Postern.Authority;
using Postern.ControlPlane.Store;
using Postern.Hosting;
using Postern.Hosting.Tls;

[assembly: AssemblyFixture(typeof(Postern.ControlPlane.Tests.RunningControlPlane))]

namespace Postern.ControlPlane.Tests;

/// <summary>A control plane with its authority, both over HTTPS on free ports, shared by tests that keep to services of their own.</summary>
public class RunningControlPlane : IAsyncLifetime
{
    public const string TenantId = "7e11a117-0000-4000-8000-000000000002";
    public const string SubscriptionId = "5b5c0000-0000-4000-8000-000000000001";
    public const string Group = $"/subscriptions/{SubscriptionId}/resourceGroups/rg1";
    public const string ApiVersion = "2024-05-01";

    /// <summary>A version in which a deletion of a service is for good.</summary>
    public const string BeforeSoftDelete = "2019-12-01";

    public const string OwnerClient = "c11e0000-0000-4000-8000-000000000001";
    public const string OwnerSecret = "owner-secret";

    private const string OwnerObject = "0e0e0000-0000-4000-8000-000000000001";
    private const string NobodyObject = "0e0e0000-0000-4000-8000-000000000002";

    /// <summary>Object id of a principal whose roles are for the tests that give them; see <see cref="Guest"/>.</summary>
    public const string GuestObject = "0e0e0000-0000-4000-8000-000000000004";

    /// <summary>Object id of <see cref="Operator"/>.</summary>
    public const string OperatorObject = "0e0e0000-0000-4000-8000-000000000005";

    private readonly string _folder = Directory.CreateTempSubdirectory("postern-cp-").FullName;
    private AuthorityServer _authority = null!;
    private ControlPlaneServer _server = null!;
    private int _services;

    public Uri Address => _server.Address;

    /// <summary>PEM file of the authority that signed the servers' certificates.</summary>
    public string CaFile => Path.Combine(_folder, "ca", "ca.pem");

    public ControlPlaneOptions Options { get; private set; } = null!;

    /// <summary>As the owner of the subscription.</summary>
    public HttpClient Owner { get; private set; } = null!;

    /// <summary>As a known principal without any role.</summary>
    public HttpClient Nobody { get; private set; } = null!;

    /// <summary>As a principal that gets roles on single services.</summary>
    public HttpClient Guest { get; private set; } = null!;

    /// <summary>As a principal that gets roles which reach secrets, on single services.</summary>
    public HttpClient Operator { get; private set; } = null!;

    /// <summary>Without a token.</summary>
    public HttpClient Anonymous { get; private set; } = null!;

    /// <summary>The server's own store.</summary>
    internal IResourceStore Store => _server.Store;

    public virtual async ValueTask InitializeAsync()
    {
        var certificates = DevelopmentCertificates.LoadOrCreate(Path.Combine(_folder, "ca"), TimeProvider.System);
        var certificate = certificates.IssueServer("localhost", "127.0.0.1", "*.configuration.example");
        var roots = TrustedRoots.FromPath(certificates.CaFile);
        _authority = await AuthorityServer.StartAsync(
            new()
            {
                DataFolder = Path.Combine(_folder, "authority"),
                ServerCertificate = certificate,
                Seed = new(TenantId,
                [
                    new(OwnerClient, "owner", OwnerObject, OwnerSecret, false),
                    new("c11e0000-0000-4000-8000-000000000002", "nobody", NobodyObject, "nobody-secret", false),
                    new("c11e0000-0000-4000-8000-000000000003", "control plane", "0e0e0000-0000-4000-8000-000000000003", "plane-secret", true),
                    new("c11e0000-0000-4000-8000-000000000004", "guest", GuestObject, "guest-secret", false),
                    new("c11e0000-0000-4000-8000-000000000005", "operator", OperatorObject, "operator-secret", false),
                ]),
            },
            CancellationToken.None);
        Options = new()
        {
            Store = await StoreAsync(_folder),
            KeyFile = Path.Combine(_folder, "store.key"),
            Listen = ListenAddress.Loopback(),
            ServerCertificate = certificate,
            Roots = roots,
            Authority = _authority.Address,
            TenantId = TenantId,
            SubscriptionId = SubscriptionId,
            Owners = [OwnerObject],
            Directory = new("c11e0000-0000-4000-8000-000000000003", "plane-secret"),
            AllowPrivateLinks = true,
        };
        _server = await ControlPlaneServer.StartAsync(Options, CancellationToken.None);
        Anonymous = Client(roots);
        Owner = await ClientAsync(OwnerClient, OwnerSecret);
        Nobody = await ClientAsync("c11e0000-0000-4000-8000-000000000002", "nobody-secret");
        Guest = await ClientAsync("c11e0000-0000-4000-8000-000000000004", "guest-secret");
        Operator = await ClientAsync("c11e0000-0000-4000-8000-000000000005", "operator-secret");
        await PutAsync(Group, new() { ["location"] = "local" }, "2021-04-01");
    }

    protected virtual ValueTask<StoreOptions> StoreAsync(string folder) => new(StoreOptions.Sqlite(Path.Combine(folder, "store.db")));

    public virtual async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        if (_authority is not null)
        {
            await _authority.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <returns>Id of a new service.</returns>
    public async Task<string> CreateServiceAsync()
    {
        var id = $"{Group}/providers/Microsoft.ApiManagement/service/svc{Interlocked.Increment(ref _services)}";
        var (status, _) = await PutAsync(id, new()
        {
            ["location"] = "local",
            ["sku"] = new JsonObject { ["name"] = "Developer", ["capacity"] = 1 },
            ["properties"] = new JsonObject { ["publisherEmail"] = "a@b.example", ["publisherName"] = "Contoso" },
        });
        Assert.Equal(201, status);
        return id;
    }

    public Task<(int Status, JsonObject Body)> PutAsync(string id, JsonObject body, string version = ApiVersion) =>
        SendAsync(HttpMethod.Put, id, body, version: version);

    public Task<(int Status, JsonObject Body)> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    /// <summary>Puts <c>properties</c> and expects success.</summary>
    public async Task<JsonObject> PutPropertiesAsync(string id, JsonObject properties)
    {
        var (status, body) = await PutAsync(id, new() { ["properties"] = properties });
        Assert.True(status is 200 or 201, $"{status} {body}");
        return body;
    }

    public async Task<(int Status, JsonObject Body)> SendAsync(
        HttpMethod method, string path, JsonObject? body = null, string? ifMatch = null, string version = ApiVersion)
    {
        using var response = await RespondAsync(method, path, body, ifMatch, version);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, text.Length == 0 ? [] : (JsonObject)JsonNode.Parse(text)!);
    }

    public async Task<HttpResponseMessage> RespondAsync(
        HttpMethod method, string path, JsonObject? body = null, string? ifMatch = null, string version = ApiVersion)
    {
        using var request = new HttpRequestMessage(method, $"{path}{(path.Contains('?') ? '&' : '?')}api-version={version}");
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await Owner.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task<HttpClient> ClientAsync(string clientId, string secret)
    {
        var client = Client(Options.Roots);
        client.DefaultRequestHeaders.Authorization = new("Bearer", await TokenAsync(clientId, secret, $"{Address}.default"));
        return client;
    }

    private HttpClient Client(TrustedRoots roots) => new(roots.CreateHandler()) { BaseAddress = Address };

    /// <returns>An access token as a client would get it.</returns>
    public async Task<string> TokenAsync(string clientId, string secret, string scope)
    {
        using var http = new HttpClient(Options.Roots.CreateHandler());
        using var form = new FormUrlEncodedContent(
        [
            new("grant_type", "client_credentials"), new("client_id", clientId), new("client_secret", secret), new("scope", scope),
        ]);
        using var response = await http.PostAsync(new Uri(_authority.Address, $"{TenantId}/oauth2/v2.0/token"), form);
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!["access_token"]!.GetValue<string>();
    }
}

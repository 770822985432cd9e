using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Postern.Authority;
using Postern.ControlPlane.Store;
using Postern.Hosting;
using Postern.Hosting.Tls;
using Postern.Snapshots;

namespace Postern.ControlPlane.Tests.Access;

/// <summary>A real authority and one or more real control planes over HTTPS; everything is set up through their public APIs.</summary>
internal sealed class ChainHost : IAsyncDisposable
{
    public const string Tenant = "7e11a117-0000-4000-8000-000000000003";
    public const string OtherTenant = "7e11a117-0000-4000-8000-0000000000bb";
    public const string SubscriptionId = "5ee5e1e8-0000-4000-8000-000000000003";
    public const string Subscription = "/subscriptions/" + SubscriptionId;
    public const string Group = Subscription + "/resourceGroups/contoso-rg";
    public const string Service = Group + "/providers/Microsoft.ApiManagement/service/contoso";
    public const string Gateway = Service + "/gateways/on-prem";
    public const string ValidatorRole = "0a000000-0000-4000-8000-00000000000a";
    public const string ReaderRole = "0b000000-0000-4000-8000-00000000000b";
    public const string Configuration = "https://azure-api.net/configuration";

    public static readonly SeedApplication Operator = new("c11e0000-0000-4000-8000-0000000000a1", "operator", "0b1ec700-0000-4000-8000-0000000000a1", "operator secret", false);
    public static readonly SeedApplication Plane = new("c11e0000-0000-4000-8000-0000000000a2", "control plane", "0b1ec700-0000-4000-8000-0000000000a2", "plane secret", true);
    public static readonly SeedApplication GatewayApp = new("c11e0000-0000-4000-8000-0000000000a3", "gateway", "0b1ec700-0000-4000-8000-0000000000a3", "gateway secret", false);

    /// <summary>An application of the other tenant.</summary>
    public static readonly SeedApplication Stranger = new("c11e0000-0000-4000-8000-0000000000b1", "stranger", "0b1ec700-0000-4000-8000-0000000000b1", "stranger secret", false);

    private readonly string _folder = Directory.CreateTempSubdirectory("postern-chain-").FullName;
    private readonly DevelopmentCertificates _certificates;
    private readonly List<ControlPlaneServer> _planes = [];
    private readonly Dictionary<(string, string, string), (string Token, DateTimeOffset At)> _tokens = [];
    private AuthorityServer _authority = null!;

    private ChainHost()
    {
        _certificates = DevelopmentCertificates.LoadOrCreate(_folder, TimeProvider.System);
        Roots = TrustedRoots.FromPath(_certificates.CaFile);
        Client = new(Roots.CreateHandler());
    }

    public DevelopmentCertificates Certificates => _certificates;

    public ManualTime Time { get; } = new();

    public TrustedRoots Roots { get; }

    public HttpClient Client { get; }

    public Uri Authority => _authority.Address;

    public static async Task<ChainHost> StartAsync()
    {
        var host = new ChainHost();
        host._authority = await AuthorityServer.StartAsync(
            new()
            {
                DataFolder = Path.Combine(host._folder, "authority"),
                ServerCertificate = host._certificates.IssueLoopback(),
                Time = host.Time,
                Seed = new(Tenant, [Operator, Plane, GatewayApp]),
                MoreTenants = [new(OtherTenant, [Stranger])],
                Roots = host.Roots,
            },
            CancellationToken.None);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        foreach (var plane in _planes)
        {
            await plane.DisposeAsync();
        }

        await _authority.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public async Task<Uri> StartPlaneAsync(Uri? roleSource = null)
    {
        var name = $"plane{_planes.Count}";
        var plane = await ControlPlaneServer.StartAsync(
            new()
            {
                Store = StoreOptions.Sqlite(Path.Combine(_folder, name + ".db")),
                KeyFile = Path.Combine(_folder, name + ".key"),
                Listen = ListenAddress.Loopback(),
                ServerCertificate = _certificates.IssueLoopback(),
                Roots = Roots,
                Authority = _authority.Address,
                TenantId = Tenant,
                SubscriptionId = SubscriptionId,
                Owners = [Operator.ObjectId],
                Directory = new(Plane.ClientId, Plane.Secret!),
                RoleSource = roleSource,
                Time = Time,
            },
            CancellationToken.None);
        _planes.Add(plane);
        return plane.Address;
    }

    public Task StopPlaneAsync(int index)
    {
        var plane = _planes[index];
        _planes.RemoveAt(index);
        return plane.DisposeAsync().AsTask();
    }

    public Task StopAuthorityAsync() => _authority.DisposeAsync().AsTask();

    /// <summary>As an application with its secret gets one; kept for a while, as applications do.</summary>
    public async Task<string> TokenAsync(SeedApplication application, string audience, string tenant = Tenant)
    {
        var key = (application.ClientId, audience, tenant);
        if (_tokens.TryGetValue(key, out var held) && Time.GetUtcNow() - held.At < TimeSpan.FromMinutes(30))
        {
            return held.Token;
        }

        var (token, answer) = await LoginAsync(application.ClientId, audience, tenant, ("client_secret", application.Secret!));
        _tokens[key] = (token ?? throw new InvalidOperationException(answer.ToJsonString()), Time.GetUtcNow());
        return token;
    }

    /// <summary>The authority's keys were revoked.</summary>
    public void ForgetTokens() => _tokens.Clear();

    /// <returns>The token, or null when the login is refused.</returns>
    public async Task<(string? Token, JsonObject Answer)> LoginAsync(string clientId, string audience, string tenant, params (string Name, string Value)[] proof)
    {
        (string Name, string Value)[] fields = [("grant_type", "client_credentials"), ("client_id", clientId), ("scope", audience + "/.default"), .. proof];
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using var response = await Client.PostAsync(new Uri(Authority, $"{tenant}/oauth2/v2.0/token"), form, TestContext.Current.CancellationToken);
        Assert.InRange((int)response.StatusCode, 200, 499);
        var answer = (await response.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken))!;
        return (answer["access_token"]?.GetValue<string>(), answer);
    }

    /// <summary>A management call as the operator; the answer must be a success.</summary>
    public async Task<JsonObject> ManageAsync(Uri plane, HttpMethod method, string id, string? body = null, string version = "2024-05-01")
    {
        var (status, answer) = await TryManageAsync(plane, method, id, body, version);
        Assert.True(status is >= 200 and < 300, $"{method} {id}: {status} {answer?.ToJsonString()}");
        return answer ?? [];
    }

    public async Task<(int Status, JsonObject? Body)> TryManageAsync(Uri plane, HttpMethod method, string id, string? body = null, string version = "2024-05-01", SeedApplication? by = null)
    {
        var token = await TokenAsync(by ?? Operator, plane.AbsoluteUri.TrimEnd('/'));
        return await SendAsync(method, new Uri(plane, $"{id}{(id.Contains('?', StringComparison.Ordinal) ? '&' : '?')}api-version={version}"), token, body);
    }

    /// <summary>A Graph call with the control plane's credential.</summary>
    public async Task<JsonObject> GraphAsync(HttpMethod method, string path, string? body)
    {
        var (status, answer) = await SendAsync(method, new Uri(Authority, "v1.0/" + path), await TokenAsync(Plane, "https://graph.microsoft.com"), body);
        Assert.True(status is >= 200 and < 300, $"{method} {path}: {status} {answer?.ToJsonString()}");
        return answer ?? [];
    }

    /// <summary>The gateway asks for its snapshot.</summary>
    public async Task<(int Status, ErrorBody? Error)> SnapshotAsync(Uri plane, string? authorization = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(plane, "gateways/on-prem/snapshot"));
        request.Headers.TryAddWithoutValidation("Authorization", authorization ?? "Bearer " + await TokenAsync(GatewayApp, Configuration));
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, response.IsSuccessStatusCode ? null : JsonSerializer.Deserialize(text, SnapshotJson.Default.ErrorEnvelope)!.Error);
    }

    /// <summary>Service with identity, gateway, the two published roles; nothing assigned yet.</summary>
    /// <returns>Object id of the service's identity.</returns>
    public async Task<string> SetUpAsync(Uri plane)
    {
        await ManageAsync(plane, HttpMethod.Put, Group, """{"location":"local"}""", "2021-04-01");
        var service = await ManageAsync(plane, HttpMethod.Put, Service,
            """{"location":"local","sku":{"name":"Developer","capacity":1},"identity":{"type":"SystemAssigned"},"properties":{"publisherEmail":"a@contoso.example","publisherName":"Contoso"}}""");
        await ManageAsync(plane, HttpMethod.Put, Gateway, """{"properties":{"locationData":{"name":"here"}}}""");
        await PutRolesAsync(plane);
        return service["identity"]!["principalId"]!.GetValue<string>();
    }

    public async Task PutRolesAsync(Uri plane)
    {
        await ManageAsync(plane, HttpMethod.Put, $"{Subscription}/providers/Microsoft.Authorization/roleDefinitions/{ValidatorRole}", $$"""
            {
              "Description": "Reads role data for the configuration API.",
              "IsCustom": true,
              "Name": "API Management Configuration API Access Validator Service Role",
              "Permissions": [ { "Actions": [ "Microsoft.Authorization/*/read" ], "NotActions": [], "DataActions": [], "NotDataActions": [] } ],
              "NotDataActions": [],
              "AssignableScopes": [ "{{Subscription}}" ]
            }
            """, "2022-04-01");
        await ManageAsync(plane, HttpMethod.Put, $"{Subscription}/providers/Microsoft.Authorization/roleDefinitions/{ReaderRole}", $$"""
            {
              "Description": "Reads the configuration of gateways.",
              "IsCustom": true,
              "Name": "API Management Gateway Configuration Reader Role",
              "Permissions": [ { "Actions": [], "NotActions": [], "DataActions": [ "Microsoft.ApiManagement/service/gateways/getConfiguration/action" ], "NotDataActions": [] } ],
              "NotDataActions": [],
              "AssignableScopes": [ "{{Subscription}}" ]
            }
            """, "2022-04-01");
    }

    /// <returns>Id of the assignment.</returns>
    public async Task<string> AssignAsync(Uri plane, string scope, string role, string principal, string type = "ServicePrincipal")
    {
        var id = $"{scope}/providers/Microsoft.Authorization/roleAssignments/{Guid.NewGuid()}";
        await ManageAsync(plane, HttpMethod.Put, id,
            $$$"""{"properties":{"roleDefinitionId":"{{{Subscription}}}/providers/Microsoft.Authorization/roleDefinitions/{{{role}}}","principalId":"{{{principal}}}","principalType":"{{{type}}}"}}""", "2022-04-01");
        return id;
    }

    public Task RemoveAsync(Uri plane, string assignment) => ManageAsync(plane, HttpMethod.Delete, assignment, version: "2022-04-01");

    private async Task<(int Status, JsonObject? Body)> SendAsync(HttpMethod method, Uri address, string token, string? body)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Authorization = new("Bearer", token);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text) as JsonObject);
    }
}

using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.ControlPlane.Access;
using Postern.ControlPlane.Access.Arm;
using Postern.ControlPlane.ConfigurationApi;
using Postern.ControlPlane.Store;
using Postern.ControlPlane.Telemetry;
using Postern.ControlPlane.Tests.Access;
using Postern.Hosting.Tls;

namespace Postern.ControlPlane.Tests.ConfigurationApi;

/// <summary>
/// The configuration API over real HTTPS on a real store, with one service, one gateway and every right in place, to be taken away.
/// Tokens come from an authority that a test chooses.
/// </summary>
internal sealed class ConfigurationApiHost : IAsyncDisposable, IGatewayKeys
{
    public const string Subscription = "/subscriptions/5ee5e1e8-0000-4000-8000-000000000001";
    public const string Group = Subscription + "/resourceGroups/contoso-rg";
    public const string Service = Group + "/providers/Microsoft.ApiManagement/service/contoso";
    public const string Gateway = Service + "/gateways/on-prem";
    public const string Identity = "1de17171-0000-4000-8000-000000000001";
    public const string Caller = "ca11e400-0000-4000-8000-000000000001";
    public const string Audience = "https://azure-api.net/configuration";
    public const string Validator = Subscription + "/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-00000000000a";
    public const string Reader = Service + "/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-00000000000b";

    private const string ValidatorRole = "0a000000-0000-4000-8000-00000000000a";
    private const string ReaderRole = "0b000000-0000-4000-8000-00000000000b";

    private readonly string _folder;
    private readonly CancellationTokenSource _stopping = new();
    private readonly AccessPlane _access;
    private readonly WebApplication _application;
    private readonly HttpClient _client;

    private ConfigurationApiHost(string folder, IResourceStore store, AccessPlane access, WebApplication application, HttpClient client)
    {
        (_folder, Store, _access, _application, _client) = (folder, store, access, application, client);
        Published = new(store, Service);
    }

    public IResourceStore Store { get; }

    public PublishedNamedValues Published { get; }

    public ConfigurationApiEndpoints Endpoints { get; private set; } = null!;

    public GatewayTelemetry Telemetry { get; private set; } = null!;

    public IGatewayInstances Instances { get; private set; } = null!;

    public GatewayKeyPair Keys { get; set; } = new("primary key", "secondary key");

    public static async Task<ConfigurationApiHost> StartAsync(Uri authority, string tenant, string folder, TimeProvider time)
    {
        var certificates = DevelopmentCertificates.LoadOrCreate(folder, TimeProvider.System);
        var roots = TrustedRoots.FromPath(certificates.CaFile);
        var store = await SqlResourceStore.OpenAsync(StoreOptions.Sqlite(Path.Combine(folder, "store.db")), time, CancellationToken.None);
        var access = new AccessPlane(
            new()
            {
                Authority = authority,
                TenantId = tenant,
                SubscriptionId = Subscription.Split('/')[^1],
                Roots = roots,
                Time = time,
                Logging = NullLoggerFactory.Instance,
            },
            store);

        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenLocalhostTls(certificates));
        var application = builder.Build();
        var host = new ConfigurationApiHost(folder, store, access, application, new(roots.CreateHandler()));
        host.Instances = new StoredGatewayInstances((IGatewayInstanceRows)store, time);
        var rows = (IGatewayTelemetryRows)store;
        var events = new GatewayEventLog(rows.Events, time);
        host.Telemetry = new(events, new(events, NullLogger.Instance), new(rows.Metrics, time), new(rows.Traces, SecretProtector.FromKeyFile(Path.Combine(folder, "store.key")), time), rows);
        host.Endpoints = access.ConfigurationApi(host.Published, host, host.Instances, host.Telemetry, host._stopping.Token);
        application.MapConfigurationApi(host.Endpoints);
        await application.StartAsync();
        host._client.BaseAddress = application.LoopbackAddress();
        await host.SeedAsync();
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _client.Dispose();
        await _application.DisposeAsync();
        await _access.DisposeAsync();
        await Telemetry.EventRecorder.DisposeAsync();
        await Store.DisposeAsync();
        _stopping.Dispose();
    }

    /// <summary>What a server that shuts down does first.</summary>
    public Task StopPollsAsync() => _stopping.CancelAsync();

    public Task PutAsync(string id, string type, JsonObject body) => Store.WriteAsync([new(id, type, body.ToJsonString(), "test")], CancellationToken.None).AsTask();

    public Task RemoveAsync(string id) => Store.WriteAsync([new(id, "", null, "test")], CancellationToken.None).AsTask();

    public Task PutServiceAsync(JsonNode? identity, string id = Service) =>
        PutAsync(id, "Microsoft.ApiManagement/service", new() { ["identity"] = identity, ["properties"] = new JsonObject() });

    public Task AssignReaderAsync(string principal, string id = Reader) => PutAsync(id, AuthorizationIds.RoleAssignments, Assignment(ReaderRole, principal));

    /// <param name="authorization">Whole header value; null for none.</param>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? authorization, HttpContent? content = null, Action<HttpRequestHeaders>? headers = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(_client.BaseAddress!.AbsoluteUri.TrimEnd('/') + path)) { Content = content };
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        headers?.Invoke(request.Headers);
        return await _client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public Task<HttpResponseMessage> GetAsync(string path, string? authorization, Action<HttpRequestHeaders>? headers = null) =>
        SendAsync(HttpMethod.Get, path, authorization, headers: headers);

    public ValueTask<GatewayKeyPair?> FindAsync(string gatewayResourceId, CancellationToken cancellation) =>
        new(gatewayResourceId.Equals(Gateway, StringComparison.OrdinalIgnoreCase) ? Keys : null);

    /// <summary>All at once: a write that is on the disk takes longer than most tests.</summary>
    private async Task SeedAsync()
    {
        var identity = new JsonObject { ["type"] = "SystemAssigned", ["principalId"] = Identity, ["tenantId"] = TestIssuer.Tenant };
        ResourceWrite[] writes =
        [
            Write(Service, "Microsoft.ApiManagement/service", new() { ["identity"] = identity, ["properties"] = new JsonObject() }),
            Write(Gateway, "Microsoft.ApiManagement/service/gateways", new() { ["properties"] = new JsonObject() }),
            Role(ValidatorRole, "validator", "actions", "Microsoft.Authorization/*/read"),
            Role(ReaderRole, "reader", "dataActions", ConfigurationRights.DataAction),
            Write(Validator, AuthorizationIds.RoleAssignments, Assignment(ValidatorRole, Identity)),
            Write(Reader, AuthorizationIds.RoleAssignments, Assignment(ReaderRole, Caller)),
        ];
        await Store.WriteAsync(writes, CancellationToken.None);
    }

    private static ResourceWrite Write(string id, string type, JsonObject body) => new(id, type, body.ToJsonString(), "test");

    private static ResourceWrite Role(string role, string name, string list, string action) =>
        Write($"/providers/Microsoft.Authorization/roleDefinitions/{role}", AuthorizationIds.RoleDefinitions, new()
        {
            ["properties"] = new JsonObject { ["roleName"] = name, ["permissions"] = new JsonArray(new JsonObject { [list] = new JsonArray(action) }) },
        });

    private static JsonObject Assignment(string role, string principal) => new()
    {
        ["properties"] = new JsonObject { ["roleDefinitionId"] = $"/providers/Microsoft.Authorization/roleDefinitions/{role}", ["principalId"] = principal },
    };
}

using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;
using Postern.Hosting;
using Postern.Hosting.Tls;

namespace Postern.ControlPlane.Tests.Access.Arm;

/// <summary>A control plane over HTTPS whose authority gives a token to whoever a test wants to be.</summary>
public sealed class AuthorizationHost : IAsyncLifetime
{
    public const string SubscriptionId = "5ee5e1e8-0000-4000-8000-000000000001";
    public const string Subscription = "/subscriptions/" + SubscriptionId;
    public const string OwnerId = "0e0e0000-0000-4000-8000-00000000000e";

    private readonly string _folder = Directory.CreateTempSubdirectory("postern-authorization-").FullName;
    private readonly ManualTime _time = new();
    private TestIssuer _issuer = null!;
    private ControlPlaneServer _server = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        var certificates = DevelopmentCertificates.LoadOrCreate(_folder, TimeProvider.System);
        var roots = TrustedRoots.FromPath(certificates.CaFile);
        _issuer = await TestIssuer.StartAsync(certificates, _time);
        _server = await ControlPlaneServer.StartAsync(
            new()
            {
                Store = StoreOptions.Sqlite(Path.Combine(_folder, "store.db")),
                KeyFile = Path.Combine(_folder, "store.key"),
                Listen = ListenAddress.Loopback(),
                ServerCertificate = certificates.IssueLoopback(),
                Roots = roots,
                Authority = _issuer.Address,
                TenantId = TestIssuer.Tenant,
                SubscriptionId = SubscriptionId,
                Owners = [OwnerId],
                Time = _time,
            },
            CancellationToken.None);
        _client = new(roots.CreateHandler()) { BaseAddress = _server.Address };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        await _issuer.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A scope that no other test uses.</summary>
    public static string NewGroup() => $"{Subscription}/resourceGroups/rg-{Guid.NewGuid():N}";

    public static string NewId() => Guid.NewGuid().ToString();

    public static string RoleId(string name, string scope = Subscription) => $"{scope}/providers/Microsoft.Authorization/roleDefinitions/{name}";

    public static string AssignmentId(string scope, string? name = null) => $"{scope}/providers/Microsoft.Authorization/roleAssignments/{name ?? NewId()}";

    public Task<Answer> GetAsync(string path, string by = OwnerId) => SendAsync(HttpMethod.Get, path, null, by);

    public Task<Answer> PutAsync(string path, string body, string by = OwnerId) => SendAsync(HttpMethod.Put, path, body, by);

    public Task<Answer> DeleteAsync(string path, string by = OwnerId) => SendAsync(HttpMethod.Delete, path, null, by);

    public Task<Answer> AssignAsync(string scope, string role, string principal, string by = OwnerId, string? name = null) =>
        PutAsync(AssignmentId(scope, name), $$$"""{"properties":{"roleDefinitionId":"{{{RoleId(role)}}}","principalId":"{{{principal}}}","principalType":"ServicePrincipal"}}""", by);

    /// <summary>A custom role with a name of its own.</summary>
    public async Task<string> CreateRoleAsync(string scope, string actions = "[\"*/read\"]", string dataActions = "[]", string by = OwnerId)
    {
        var name = NewId();
        var answer = await PutAsync(RoleId(name, scope), $$$"""{"properties":{"roleName":"role {{{name}}}","permissions":[{"actions":{{{actions}}},"dataActions":{{{dataActions}}}}],"assignableScopes":["{{{scope}}}"]}}""", by);
        Assert.True(answer.Status == 201, answer.ToString());
        return name;
    }

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? body, string by)
    {
        // As clients do it: with a slash too many where a scope begins with one.
        var address = $"{_client.BaseAddress!.AbsoluteUri.TrimEnd('/')}{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}api-version=2022-04-01";
        using var request = new HttpRequestMessage(method, new Uri(address));
        request.Headers.Authorization = new("Bearer", _issuer.Token(_server.Address.AbsoluteUri, by));
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    public sealed record Answer(int Status, JsonNode? Body)
    {
        public string? Code => Body?["error"]?["code"]?.GetValue<string>();

        public string Message => Body?["error"]?["message"]?.GetValue<string>() ?? "";

        public string? Diagnostic => Body?["error"]?["diagnostic"]?.GetValue<string>();

        public JsonNode Properties => Body!["properties"]!;

        public string Id => Body!["id"]!.GetValue<string>();

        public override string ToString() => $"{Status} {Body?.ToJsonString()}";

        public IReadOnlyList<JsonNode> Value => [.. Body!["value"]!.AsArray().Select(item => item!)];
    }
}

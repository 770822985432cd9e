using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Postern.Hosting.Tls;

namespace Postern.Authority.Tests;

/// <summary>A real authority on a free port of the loopback, over TLS, with a folder of its own.</summary>
public sealed class TestAuthority : IAsyncDisposable
{
    public const string Tenant = "11111111-1111-1111-1111-111111111111";

    public static readonly SeedApplication Operator = new(
        "22222222-2222-2222-2222-222222222222", "operator", "33333333-3333-3333-3333-333333333333", "operator's secret", DirectoryWriter: true);

    public static readonly SeedApplication Reader = new(
        "44444444-4444-4444-4444-444444444444", "reader", "55555555-5555-5555-5555-555555555555", "reader's secret", DirectoryWriter: false);

    private readonly bool _ownsFolder;

    private TestAuthority(AuthorityServer server, string folder, bool ownsFolder, ManualClock clock, DevelopmentCertificates certificates)
    {
        Server = server;
        Folder = folder;
        _ownsFolder = ownsFolder;
        Clock = clock;
        Certificates = certificates;
        Http = new(NewHandler()) { BaseAddress = server.Address };
    }

    public AuthorityServer Server { get; }

    public string Folder { get; }

    public ManualClock Clock { get; }

    public DevelopmentCertificates Certificates { get; }

    public HttpClient Http { get; }

    public string Origin => Server.Address.AbsoluteUri.TrimEnd('/');

    public static string NewFolder() => Directory.CreateTempSubdirectory("postern-authority-").FullName;

    public static async Task<TestAuthority> StartAsync(
        string? folder = null, ManualClock? clock = null, AuthoritySeed? seed = null, string? publicHost = null, bool singleUseAssertions = false, params AuthoritySeed[] moreTenants)
    {
        var owns = folder is null;
        folder ??= NewFolder();
        clock ??= new();
        var certificates = DevelopmentCertificates.LoadOrCreate(Path.Combine(folder, "tls"), TimeProvider.System);
        var options = new AuthorityOptions
        {
            DataFolder = folder,
            ServerCertificate = certificates.IssueLoopback(),
            Time = clock,
            Seed = seed ?? new(Tenant, [Operator, Reader]),
            PublicHost = publicHost,
            SecretRounds = 1000,
            Roots = TrustedRoots.FromPath(certificates.CaFile),
            MoreTenants = moreTenants,
            SingleUseAssertions = singleUseAssertions,
        };
        try
        {
            var server = await AuthorityServer.StartAsync(options, TestContext.Current.CancellationToken);
            return new(server, folder, owns, clock, certificates);
        }
        catch when (owns)
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    public HttpMessageHandler NewHandler() => TrustedRoots.FromPath(Certificates.CaFile).CreateHandler();

    public Task<HttpResponseMessage> PostTokenAsync(IEnumerable<(string Name, string Value)> form, string tenant = Tenant, string path = "oauth2/v2.0/token") =>
        Http.PostAsync($"/{tenant}/{path}", new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value))));

    /// <summary>A well-formed client_credentials form; <paramref name="changes"/> replace fields, null takes one away.</summary>
    public static IEnumerable<(string Name, string Value)> Form(SeedApplication client, string scope, params (string Name, string? Value)[] changes)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = client.ClientId,
            ["client_secret"] = client.Secret ?? "",
            ["scope"] = scope,
        };
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                form.Remove(name);
            }
            else
            {
                form[name] = value;
            }
        }

        return form.Select(field => (field.Key, field.Value));
    }

    public async Task<string> TokenAsync(SeedApplication client, string scope)
    {
        using var answer = await PostTokenAsync(Form(client, scope));
        var body = await answer.Content.ReadFromJsonAsync<JsonObject>();
        Assert.True(answer.IsSuccessStatusCode, body?.ToJsonString());
        return body!["access_token"]!.GetValue<string>();
    }

    /// <summary>A Graph client of that principal.</summary>
    public async Task<GraphClient> GraphAsync(SeedApplication client) => new(Http, await TokenAsync(client, $"{Origin}/.default"));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        if (_ownsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}

public sealed class GraphClient(HttpClient http, string token)
{
    public Task<(int Status, JsonObject Body)> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    public Task<(int Status, JsonObject Body)> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, body);

    public async Task<(int Status, JsonObject Body)> SendAsync(HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith("https:", StringComparison.Ordinal) ? path : "/v1.0" + path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Content = body switch
        {
            null => null,
            string text => new StringContent(text, new MediaTypeHeaderValue("application/json")),
            _ => JsonContent.Create(body),
        };
        using var answer = await http.SendAsync(request);
        var text2 = await answer.Content.ReadAsStringAsync();
        return ((int)answer.StatusCode, text2.Length == 0 ? [] : JsonNode.Parse(text2)!.AsObject());
    }
}

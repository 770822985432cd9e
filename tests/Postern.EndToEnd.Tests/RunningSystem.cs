using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Postern.EndToEnd.Tests;
using Postern.EndToEnd.Tests.Clients;
using Postern.Hosting.Tls;
using Postern.Testing;

[assembly: AssemblyFixture(typeof(RunningSystem))]

namespace Postern.EndToEnd.Tests;

/// <summary>One <c>postern up</c> that all tests of this project share, reached only as a user would: by <c>connection.env</c>.</summary>
public class RunningSystem : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private PosternProcess _process = null!;
    private TokenCredential _operator = null!;

    public RunningSystem() => Cli = new(this);

    public IReadOnlyDictionary<string, string> Connection { get; private set; } = null!;

    /// <summary>Trusts the system's development CA.</summary>
    public HttpClient Http { get; private set; } = null!;

    /// <summary>The Azure CLI, logged in at its first use.</summary>
    internal OperatorCli Cli { get; }

    public string ConnectionFile => Path.Combine(_folder.In("data"), "connection.env");

    public string this[string name] => Connection[name];

    public string Service => $"/subscriptions/{this["AZURE_SUBSCRIPTION_ID"]}/resourceGroups/{this["RESOURCE_GROUP"]}/providers/Microsoft.ApiManagement/service/{this["SERVICE_NAME"]}";

    public string Group => $"/subscriptions/{this["AZURE_SUBSCRIPTION_ID"]}/resourceGroups/{this["RESOURCE_GROUP"]}";

    public async ValueTask InitializeAsync()
    {
        _process = PosternProcess.Start(["up", "--ports", "free", "--data", _folder.In("data")]);
        await _process.LineAsync(line => line.Contains("Postern is up", StringComparison.Ordinal), 120);
        Connection = ReadConnection(_folder.In("data"));
        Http = new HttpClient(TrustedRoots.FromPath(this["CA_FILE"]).CreateHandler());
        _operator = new ClientSecretCredential(this["AZURE_TENANT_ID"], this["AZURE_CLIENT_ID"], this["AZURE_CLIENT_SECRET"], new ClientSecretCredentialOptions
        {
            AuthorityHost = new(this["AZURE_AUTHORITY_HOST"]),
            DisableInstanceDiscovery = true,
            Transport = new HttpClientTransport(Http),
        });
    }

    public static Dictionary<string, string> ReadConnection(string folder) => File.ReadLines(Path.Combine(folder, "connection.env"))
        .Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

    /// <summary>A management call with the operator's token.</summary>
    public async Task<Answer> ArmAsync(HttpMethod method, string id, JsonNode? body = null, string? version = null, string? ifMatch = null)
    {
        version ??= id.Contains("Microsoft.Authorization", StringComparison.Ordinal) ? "2022-04-01" : "2024-05-01";
        var content = body is null ? null : new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        return await ArmRawAsync(method, $"{id}{(id.Contains('?') ? '&' : '?')}api-version={version}", content, ifMatch);
    }

    public async Task<Answer> ArmRawAsync(HttpMethod method, string pathAndQuery, HttpContent? content, string? ifMatch = null)
    {
        var token = await _operator.GetTokenAsync(new TokenRequestContext([$"{this["ARM_ENDPOINT"]}/.default"]), CancellationToken.None);
        using var request = new HttpRequestMessage(method, this["ARM_ENDPOINT"] + pathAndQuery) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Token);
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        using var response = await Http.SendAsync(request);
        return await Answer.OfAsync(response);
    }

    /// <summary>A call to the directory with the operator's token.</summary>
    public async Task<Answer> GraphAsync(HttpMethod method, string path, JsonNode? body = null)
    {
        var token = await _operator.GetTokenAsync(new TokenRequestContext([$"{this["AZURE_AUTHORITY_HOST"].TrimEnd('/')}/.default"]), CancellationToken.None);
        using var request = new HttpRequestMessage(method, $"{this["AZURE_AUTHORITY_HOST"]}v1.0/{path}")
        {
            Content = body is null ? null : new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Token);
        using var response = await Http.SendAsync(request);
        return await Answer.OfAsync(response);
    }

    /// <summary>The development authority of the running system, for parties that it must trust.</summary>
    public DevelopmentCertificates Certificates => DevelopmentCertificates.LoadOrCreate(Path.GetDirectoryName(this["CA_FILE"])!, TimeProvider.System);

    /// <summary>A call to the sample API, with its key unless <paramref name="key"/> says otherwise.</summary>
    public async Task<Answer> CallAsync(string path, string? key = "", HttpMethod? method = null, string? gateway = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, (gateway ?? this["GATEWAY_URL"]) + path);
        if (key is not null)
        {
            request.Headers.Add("Ocp-Apim-Subscription-Key", key.Length == 0 ? this["SUBSCRIPTION_KEY"] : key);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Http.SendAsync(request);
        return await Answer.OfAsync(response);
    }

    /// <summary>Settings of another gateway of the same service, as a user writes them.</summary>
    public Dictionary<string, string?> GatewaySettings() => new()
    {
        ["config.service.endpoint"] = this["CONFIGURATION_ENDPOINT"],
        ["config.service.auth"] = "azureAdApp",
        ["config.service.auth.azureAd.authority"] = this["AZURE_AUTHORITY_HOST"],
        ["config.service.auth.azureAd.tenantId"] = this["AZURE_TENANT_ID"],
        ["config.service.auth.azureAd.clientId"] = this["GATEWAY_CLIENT_ID"],
        ["config.service.auth.azureAd.clientSecret"] = this["GATEWAY_CLIENT_SECRET"],
        ["gateway.name"] = "edge",
        ["SSL_CERT_FILE"] = this["CA_FILE"],
    };

    /// <summary>A gateway process on free ports.</summary>
    public static PosternProcess StartGateway(IReadOnlyDictionary<string, string?> environment, params string[] arguments) =>
        PosternProcess.Start(["gateway", "--http", "127.0.0.1:0", "--https", "127.0.0.1:0", .. arguments], environment);

    /// <summary>Where a gateway process listens, as it says in its log.</summary>
    public static async Task<Uri> HttpAddressAsync(PosternProcess gateway)
    {
        var line = await gateway.LineAsync(line => line.Contains("listening on", StringComparison.Ordinal));
        return new($"http://127.0.0.1:{System.Text.RegularExpressions.Regex.Match(line, @"listening on (\d+) \(http\)").Groups[1].Value}");
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Cli.Dispose();
        Http?.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }
}

/// <summary>A system of a test's own: what the test does to it nobody else sees, and it sees nobody else's doings.</summary>
public sealed class OwnSystem : RunningSystem;

/// <summary>An answer, read to its end.</summary>
public sealed record Answer(int Status, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public static async Task<Answer> OfAsync(HttpResponseMessage response) => new(
        (int)response.StatusCode,
        await response.Content.ReadAsStringAsync(),
        response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase));
}

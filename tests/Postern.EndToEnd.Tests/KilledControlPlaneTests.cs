using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Postern.Testing;

namespace Postern.EndToEnd.Tests;

/// <summary>A write that the management API answered with 2xx is there after <c>kill -9</c> of the process at that moment.</summary>
public sealed class KilledControlPlaneTests(RunningSystem system)
{
    private const string Subscription = "/subscriptions/5b5c0000-0000-4000-8000-00000000dead";
    private const string Service = $"{Subscription}/resourceGroups/rg/providers/Microsoft.ApiManagement/service/killed";

    /// <summary>Answers after which the process is killed, with as many writes still on their way.</summary>
    private const int Answered = 24;

    [Fact]
    public async Task With_SQLite_every_answered_write_survives()
    {
        using var folder = new TemporaryFolder();
        await WritesSurviveAsync(folder, ("store.sqlite", folder.In("store.db")));
    }

    [Fact]
    public async Task With_PostgreSQL_every_answered_write_survives()
    {
        await using var database = await PostgresServer.StartAsync(keeps: true);
        Assert.SkipWhen(database is null, "PostgreSQL is not installed (Debian: apt-get install postgresql).");
        using var folder = new TemporaryFolder();
        await WritesSurviveAsync(folder, ("store.postgres", await database!.CreateDatabaseAsync()));
    }

    private async Task WritesSurviveAsync(TemporaryFolder folder, (string Name, string Value) store)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var token = await TokenAsync();
        var certificate = system.Certificates.IssueServer("localhost", "127.0.0.1");
        await File.WriteAllTextAsync(folder.In("tls.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(folder.In("tls.key"), System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(certificate)!.ExportPkcs8PrivateKeyPem());
        var settings = new Dictionary<string, string?>
        {
            [store.Name] = store.Value,
            ["store.keyPath"] = folder.In("store.key"),
            ["entra.authority"] = system["AZURE_AUTHORITY_HOST"],
            ["entra.tenantId"] = system["AZURE_TENANT_ID"],
            ["arm.subscriptionId"] = Subscription.Split('/')[^1],
            ["arm.owners"] = ObjectIdOf(token),
            ["arm.audiences"] = system["ARM_ENDPOINT"],
            ["tls.certificatePath"] = folder.In("tls.pem"),
            ["tls.keyPath"] = folder.In("tls.key"),
            ["tls.trustPath"] = system["CA_FILE"],
        };
        var answered = new ConcurrentDictionary<string, byte>();
        var killed = 0;
        for (var round = 0; round < 3; round++)
        {
            await using var process = await StartAsync(settings, port);
            using var http = Client(port, token);
            if (round == 0)
            {
                Assert.Equal(HttpStatusCode.Created, (await PutAsync(http, $"{Subscription}/resourceGroups/rg", "{\"location\":\"local\"}", "2021-04-01")).StatusCode);
                Assert.Equal(HttpStatusCode.Created, (await PutAsync(
                    http, Service, "{\"location\":\"local\",\"sku\":{\"name\":\"Developer\",\"capacity\":1},\"properties\":{\"publisherEmail\":\"a@b.example\",\"publisherName\":\"c\"}}")).StatusCode);
            }

            foreach (var id in answered.Keys)
            {
                using var found = await http.GetAsync($"{id}?api-version=2024-05-01");
                Assert.True(found.StatusCode == HttpStatusCode.OK, $"{id} was answered before the process was killed, and is not there in round {round}");
            }

            var before = answered.Count;
            var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var writing = Enumerable.Range(0, Answered * 2).Select(i => Task.Run(async () =>
            {
                var id = $"{Service}/products/p-{round}-{i}";
                try
                {
                    using var answer = await PutAsync(http, id, $"{{\"properties\":{{\"displayName\":\"{round}-{i}\"}}}}");
                    if (answer.IsSuccessStatusCode && answered.TryAdd(id, 0) && answered.Count - before >= Answered && Interlocked.Exchange(ref killed, round + 1) <= round)
                    {
                        // Here and now: what is answered must not need another moment.
                        process.Kill();
                        enough.TrySetResult();
                    }
                }
                catch (HttpRequestException)
                {
                    // Killed before it was answered: it may be there or not.
                }
            })).ToArray();
            await enough.Task.WaitAsync(TimeSpan.FromSeconds(60));
            await Task.WhenAll(writing);
        }

        Assert.True(answered.Count >= 3 * Answered);
    }

    private static async Task<PosternProcess> StartAsync(Dictionary<string, string?> settings, int port)
    {
        var process = PosternProcess.Start(["control-plane", "--listen", $"127.0.0.1:{port}"], settings);
        await Until.TrueAsync("the control plane listens", () => ListensAsync(port), 60);
        return process;
    }

    private HttpClient Client(int port, string token)
    {
        var http = new HttpClient(Postern.Hosting.Tls.TrustedRoots.FromPath(system["CA_FILE"]).CreateHandler()) { BaseAddress = new($"https://localhost:{port}") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    private static Task<HttpResponseMessage> PutAsync(HttpClient http, string id, string body, string version = "2024-05-01") =>
        http.PutAsync($"{id}?api-version={version}", new StringContent(body, Encoding.UTF8, "application/json"));

    private async Task<string> TokenAsync()
    {
        var credential = new ClientSecretCredential(system["AZURE_TENANT_ID"], system["AZURE_CLIENT_ID"], system["AZURE_CLIENT_SECRET"], new ClientSecretCredentialOptions
        {
            AuthorityHost = new(system["AZURE_AUTHORITY_HOST"]),
            DisableInstanceDiscovery = true,
            Transport = new HttpClientTransport(system.Http),
        });
        return (await credential.GetTokenAsync(new TokenRequestContext([$"{system["ARM_ENDPOINT"]}/.default"]), CancellationToken.None)).Token;
    }

    private static string ObjectIdOf(string token) =>
        JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]))!["oid"]!.GetValue<string>();

    private static async Task<bool> ListensAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

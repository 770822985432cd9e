using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Tests.Resources;

/// <summary>
/// Times of management calls in a service of 10 APIs and in one of 10,000 with 100,000 operations, for docs/performance.md. Run by name:
/// <c>Postern.ControlPlane.Tests -explicit only -class '*ScaleMeasurement*'</c>; POSTERN_SCALE_APIS is another number of APIs.
/// </summary>
public abstract class ScaleMeasurement(RunningControlPlane plane)
{
    private const int Operations = 10;
    private const int Small = 10;
    private const int Writers = 16;
    private const int Rounds = 60;

    private static readonly int Large = int.Parse(Environment.GetEnvironmentVariable("POSTERN_SCALE_APIS") ?? "10000", CultureInfo.InvariantCulture);

    protected abstract string Store { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task Calls_in_a_small_and_in_a_large_service()
    {
        var small = await FillAsync(Small);
        var large = await FillAsync(Large);
        var times = new List<(string Call, double Small, double Large)>();
        foreach (var (call, path) in Calls())
        {
            times.Add((call, await MedianAsync(() => GetAsync($"{small.Service}/{Filled(path, Small)}")),
                await MedianAsync(() => GetAsync($"{large.Service}/{Filled(path, Large)}"))));
        }

        times.Add(("PUT of an API", await MedianAsync(() => PutAsync(small.Service, Small - 2)), await MedianAsync(() => PutAsync(large.Service, Large - 2))));
        times.Add(("PUT of an API, until its gateway is told", await PublishAsync(small.Service), await PublishAsync(large.Service)));

        Line($"### {Store}");
        Line($"{Large} APIs with {Operations} operations each, {Writers} writers: {large.Seconds:F0} s, {Large / large.Seconds:F0} APIs/s; "
            + $"first tenth {large.FirstTenth:F1} ms, last tenth {large.LastTenth:F1} ms per call");
        Line($"| Call | {Small} APIs, ms | {Large} APIs, ms | ratio |");
        Line("|---|---:|---:|---:|");
        times.ForEach(time => Line($"| {time.Call} | {time.Small:F1} | {time.Large:F1} | {time.Large / time.Small:F1} |"));
    }

    private static (string Call, string Path)[] Calls() =>
    [
        ("GET of an API", "apis/api-{n}"),
        ("list, 10 of the first page", "apis?$top=10"),
        ("list, the page in the middle", "apis?$top=10&$skip={half}"),
        ("filter: displayName eq", "apis?$filter=properties/displayName eq 'API number {n}'"),
        ("filter: startswith(path)", "apis?$filter=startswith(path,'path-{n}')"),
        ("filter: contains(displayName)", "apis?$filter=contains(displayName,'number {n}')"),
        ("filter: endswith(path)", "apis?$filter=endswith(path,'-{n}')"),
        ("filter: isCurrent eq true, 10 of all", "apis?$filter=isCurrent eq true&$top=10"),
        ("operations of an API", "apis/api-{n}/operations"),
        ("products of an API", "apis/api-{n}/products"),
    ];

    private static string Filled(string path, int apis) =>
        path.Replace("{n}", $"{apis - 1}", StringComparison.Ordinal).Replace("{half}", $"{(apis / 2) - 5}", StringComparison.Ordinal);

    private async Task<(string Service, double Seconds, double FirstTenth, double LastTenth)> FillAsync(int apis)
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/gateways/{Gateway(service)}", []);
        await PutAsync(service, 0);
        var took = new double[apis];
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, apis, new ParallelOptions { MaxDegreeOfParallelism = Writers, CancellationToken = Cancellation }, async (i, _) =>
        {
            var start = Stopwatch.GetTimestamp();
            await PutAsync(service, i);
            took[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        });
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await plane.PutAsync($"{service}/gateways/{Gateway(service)}/apis/api-{apis - 2}", []);
        var tenth = apis / 10;
        return (service, seconds, took.Take(tenth).Average(), took.TakeLast(tenth).Average());
    }

    private async Task PutAsync(string service, int number)
    {
        var paths = new JsonObject();
        for (var i = 0; i < Operations; i++)
        {
            paths[$"/things-{i}/{{id}}"] = new JsonObject
            {
                ["get"] = new JsonObject
                {
                    ["operationId"] = $"get-{i}",
                    ["parameters"] = new JsonArray(new JsonObject { ["name"] = "id", ["in"] = "path", ["required"] = true, ["schema"] = new JsonObject { ["type"] = "string" } }),
                    ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "a thing" } },
                },
            };
        }

        var document = new JsonObject { ["openapi"] = "3.0.0", ["info"] = new JsonObject { ["title"] = "things", ["version"] = "1" }, ["paths"] = paths };
        await plane.PutPropertiesAsync($"{service}/apis/api-{number}", new()
        {
            ["displayName"] = $"API number {number}",
            ["path"] = $"path-{number}",
            ["serviceUrl"] = $"https://backend-{Stopwatch.GetTimestamp()}.example/{number}",
            ["format"] = "openapi+json",
            ["value"] = document.ToJsonString(),
        });
    }

    private async Task GetAsync(string path)
    {
        var (status, body) = await plane.GetAsync(path);
        Assert.True(status == 200, $"{path}: {body}");
    }

    private static async Task<double> MedianAsync(Func<Task> call)
    {
        var took = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            await call();
            took.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        took.Sort();
        return took[took.Count / 2];
    }

    /// <summary>From sending the PUT until the gateway's long poll has answered with the change.</summary>
    private async Task<double> PublishAsync(string service)
    {
        var (_, token) = await plane.SendAsync(
            HttpMethod.Post, $"{service}/gateways/{Gateway(service)}/generateToken", new() { ["keyType"] = "primary", ["expiry"] = TimeProvider.System.GetUtcNow().AddDays(1).ToString("O") });
        using var gateway = new HttpClient(plane.Options.Roots.CreateHandler()) { BaseAddress = plane.Address };
        gateway.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"GatewayKey {token["value"]}");
        var number = await LastAsync(service) - 1;
        async Task<string> RevisionAsync(string path)
        {
            using var answer = await gateway.GetAsync(path, Cancellation);
            Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancellation)}");
            var body = await answer.Content.ReadAsStringAsync(Cancellation);
            return ((long)JsonNode.Parse(body)!["revision"]!).ToString("x8", CultureInfo.InvariantCulture);
        }

        var revision = await RevisionAsync($"gateways/{Gateway(service)}/snapshot");
        var took = new List<double>();
        for (var round = 0; round < 20; round++)
        {
            var poll = RevisionAsync($"gateways/{Gateway(service)}/events?$top=100&$skiptoken={revision}&wait=30");
            var start = Stopwatch.GetTimestamp();
            await PutAsync(service, number);
            revision = await poll;
            took.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        took.Sort();
        return took[took.Count / 2];
    }

    /// <summary>Names of gateways tell the services of one address apart.</summary>
    private static string Gateway(string service) => $"edge-of-{service.Split('/')[^1]}";

    private async Task<int> LastAsync(string service) => (int)(await plane.GetAsync($"{service}/apis?$top=1")).Body["count"]! - 1;

    private static void Line(string text) => TestContext.Current.SendDiagnosticMessage("{0}", text);
}

public sealed class SqliteScaleMeasurement(SqliteScaleMeasurement.Plane plane) : ScaleMeasurement(plane), IClassFixture<SqliteScaleMeasurement.Plane>
{
    protected override string Store => "SQLite";

    public sealed class Plane : RunningControlPlane;
}

public sealed class PostgresScaleMeasurement(PostgresControlPlane plane) : ScaleMeasurement(plane), IClassFixture<PostgresControlPlane>
{
    protected override string Store => "PostgreSQL";
}

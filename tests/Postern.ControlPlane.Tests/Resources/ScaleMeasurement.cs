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
        var first = await TimeAsync(() => GetAsync($"{large.Service}/apis?$filter=name eq 'nothing'"));
        var times = new List<(string Call, double Small, double Large)>();
        foreach (var (call, path) in Calls())
        {
            times.Add(Medians(call, await InTurnAsync(
                Rounds,
                () => TimeAsync(() => GetAsync($"{small.Service}/{Filled(path, Small)}")),
                () => TimeAsync(() => GetAsync($"{large.Service}/{Filled(path, Large)}")))));
        }

        async Task<double> AfterPutAsync(string service, int apis)
        {
            await PutAsync(service, apis - 2);
            return await TimeAsync(() => GetAsync($"{service}/apis?$filter=contains(displayName,'number {apis - 1}')"));
        }

        times.Add(Medians("the same contains, just after a PUT", await InTurnAsync(Rounds, () => AfterPutAsync(small.Service, Small), () => AfterPutAsync(large.Service, Large))));
        times.Add(Medians("PUT of an API", await InTurnAsync(
            Rounds, () => TimeAsync(() => PutAsync(small.Service, Small - 2)), () => TimeAsync(() => PutAsync(large.Service, Large - 2)))));
        times.Add(Medians("PUT of an API, until its gateway is told", await InTurnAsync(
            Rounds, await PublishAsync(small.Service, Small - 2), await PublishAsync(large.Service, Large - 2))));

        Line($"### {Store}");
        Line($"{Large} APIs with {Operations} operations each, {Writers} writers: {large.Seconds:F0} s, {Large / large.Seconds:F0} APIs/s; "
            + $"first tenth {large.FirstTenth:F1} ms, last tenth {large.LastTenth:F1} ms per call");
        Line($"the first filter, which reads the index of {Large} APIs: {first:F1} ms");
        Line($"| Call | {Small} APIs, ms | {Large} APIs, ms | ratio |");
        Line("|---|---:|---:|---:|");
        times.ForEach(time => Line($"| {time.Call} | {time.Small:F2} | {time.Large:F2} | {time.Large / time.Small:F2} |"));
    }

    private static (string Call, string Path)[] Calls() =>
    [
        ("GET of an API", "apis/api-{n}"),
        ("list, 10 of the first page", "apis?$top=10"),
        ("list, the page in the middle", "apis?$top=10&$skip={half}"),
        ("list, the last page", "apis?$top=10&$skip={last}"),
        ("filter: displayName eq", "apis?$filter=properties/displayName eq 'API number {n}'"),
        ("filter: startswith(path)", "apis?$filter=startswith(path,'path-{n}')"),
        ("filter: endswith(path)", "apis?$filter=endswith(path,'-{n}')"),
        ("filter: contains(displayName)", "apis?$filter=contains(displayName,'number {n}')"),
        ("filter: contains, 10 of all", "apis?$filter=contains(displayName,'number')&$top=10"),
        ("filter: isCurrent eq true, 10 of all", "apis?$filter=isCurrent eq true&$top=10"),
        ("filter: ne, 10 of all but one", "apis?$filter=displayName ne 'API number {n}'&$top=10"),
        ("filter: not contains, 10 of nearly all", "apis?$filter=not contains(displayName,'number {n}')&$top=10"),
        ("filter: or of two members", "apis?$filter=displayName eq 'API number {n}' or path eq 'path-1'"),
        ("filter: name gt, 10 of half", "apis?$filter=name gt 'api-5'&$top=10"),
        ("operations of an API", "apis/api-{n}/operations"),
        ("products of an API", "apis/api-{n}/products"),
    ];

    private static string Filled(string path, int apis) =>
        path.Replace("{n}", $"{apis - 1}", StringComparison.Ordinal).Replace("{half}", $"{(apis / 2) - 5}", StringComparison.Ordinal)
            .Replace("{last}", $"{apis - 10}", StringComparison.Ordinal);

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

    private static async Task<double> TimeAsync(Func<Task> call)
    {
        var start = Stopwatch.GetTimestamp();
        await call();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>One call in the small service, one in the large one, and so on: what else the machine does meets both alike.</summary>
    private static async Task<(List<double> Small, List<double> Large)> InTurnAsync(int rounds, Func<Task<double>> small, Func<Task<double>> large)
    {
        var (one, other) = (new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            one.Add(await small());
            other.Add(await large());
        }

        return (one, other);
    }

    private static (string Call, double Small, double Large) Medians(string call, (List<double> Small, List<double> Large) took)
    {
        took.Small.Sort();
        took.Large.Sort();
        return (call, took.Small[took.Small.Count / 2], took.Large[took.Large.Count / 2]);
    }

    /// <returns>Takes the time from sending a PUT until the gateway's long poll has answered with the change.</returns>
    private async Task<Func<Task<double>>> PublishAsync(string service, int number)
    {
        var (_, token) = await plane.SendAsync(
            HttpMethod.Post, $"{service}/gateways/{Gateway(service)}/generateToken", new() { ["keyType"] = "primary", ["expiry"] = TimeProvider.System.GetUtcNow().AddDays(1).ToString("O") });
        var gateway = new HttpClient(plane.Options.Roots.CreateHandler()) { BaseAddress = plane.Address };
        gateway.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"GatewayKey {token["value"]}");
        async Task<string> RevisionAsync(string path)
        {
            using var answer = await gateway.GetAsync(path, Cancellation);
            Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancellation)}");
            var body = await answer.Content.ReadAsStringAsync(Cancellation);
            return ((long)JsonNode.Parse(body)!["revision"]!).ToString("x8", CultureInfo.InvariantCulture);
        }

        var revision = await RevisionAsync($"gateways/{Gateway(service)}/snapshot");
        return async () =>
        {
            var poll = RevisionAsync($"gateways/{Gateway(service)}/events?$top=100&$skiptoken={revision}&wait=30");
            var start = Stopwatch.GetTimestamp();
            await PutAsync(service, number);
            revision = await poll;
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        };
    }

    /// <summary>Names of gateways tell the services of one address apart.</summary>
    private static string Gateway(string service) => $"edge-of-{service.Split('/')[^1]}";

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

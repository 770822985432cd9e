using System.Globalization;
using System.Text;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;

namespace Postern.Bench.Load;

/// <summary>What a request costs a gateway with 10,000 APIs of ten operations each, compared with one that has ten; and what it keeps in memory.</summary>
internal static class Scale
{
    private const int Connections = 16;
    private const double MostRatio = 1.2;
    private const long MostBytes = 300L * 1024 * 1024;

    /// <returns>0 when routing costs about the same and memory is within its bound.</returns>
    public static async Task<int> RunAsync(string postern, TimeSpan slice, int rounds, TextWriter output)
    {
        var (backend, address) = await LoadBackend.StartAsync();
        await using var few = await GatewayProcess.StartAsync(postern, Apis(10, address));
        await using var many = await GatewayProcess.StartAsync(postern, Apis(10_000, address));
        double Us((double Cost, long _) measured) => measured.Cost;
        await MeasureAsync(few, 10, slice * 2);
        await MeasureAsync(many, 10_000, slice * 2);
        var (sumFew, sumMany) = (0.0, 0.0);
        for (var round = 1; round <= rounds; round++)
        {
            var (a, b) = (await MeasureAsync(few, 10, slice), await MeasureAsync(many, 10_000, slice));
            sumFew += Us(a);
            sumMany += Us(b);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round}: 10 APIs {Us(a):0.0} us/request, 10,000 APIs {Us(b):0.0} us/request ({b.Requests} requests)"));
        }

        var ratio = sumMany / sumFew;
        var resident = many.ResidentBytes;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ratio {ratio:0.00} (at most {MostRatio}), RSS {resident / 1048576.0:0} MiB with 10,000 APIs and 100,000 operations (at most {MostBytes / 1048576}), {few.ResidentBytes / 1048576.0:0} MiB with ten"));
        await backend.DisposeAsync();
        return ratio <= MostRatio && resident <= MostBytes ? 0 : 1;
    }

    private static IEnumerable<SnapshotEntity> Apis(int count, string backend) => Enumerable.Range(0, count).Select(i => Entities.Api(
        $"api{i}", $"area{i}", backend, operations: ["GET /things", "GET /things/{id}", .. Enumerable.Range(0, 8).Select(part => $"GET /things/{{id}}/part{part}")]));

    private static async Task<(double Cost, long Requests)> MeasureAsync(GatewayProcess gateway, int apis, TimeSpan time)
    {
        using var stop = new CancellationTokenSource(time, TimeProvider.System);
        var before = gateway.Cpu;
        var counts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(i => Task.Run(() => CallAsync(gateway.HttpPort, apis, i, stop.Token))));
        return ((gateway.Cpu - before).TotalMicroseconds / counts.Sum(), counts.Sum());
    }

    private static async Task<long> CallAsync(int port, int apis, int seed, CancellationToken stop)
    {
        var random = new Random(seed);
        using var caller = new PlainCaller(port);
        long count = 0;
        for (; !stop.IsCancellationRequested; count++)
        {
            var status = await caller.AskAsync(Encoding.ASCII.GetBytes($"GET /area{random.Next(apis)}/things/42/part{random.Next(8)} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
            if (status != 200)
            {
                throw new InvalidOperationException($"A request was answered with {status}.");
            }
        }

        return count;
    }
}

using System.Globalization;
using Postern.Gateway.Tests.Parts;
using Postern.Snapshots;

namespace Postern.Bench.Load;

/// <summary>How long a new gateway takes until it is ready with 100 APIs: without policies, with a policy each, and with ten expressions each.</summary>
internal static class Startup
{
    private const int Apis = 100;

    private const string Plain = """
        <policies><inbound><base /><set-header name="X-Area" exists-action="override"><value>a</value></set-header></inbound><backend><base /></backend><outbound><base /></outbound></policies>
        """;

    /// <param name="postern">The executable.</param>
    public static async Task<int> RunAsync(string postern, int rounds, TextWriter output)
    {
        for (var round = 1; round <= rounds; round++)
        {
            await MeasureAsync(postern, "no policies", static _ => null, output);
            await MeasureAsync(postern, "a policy without expressions each", static _ => Plain, output);
            await MeasureAsync(postern, "ten expressions each", static api => ExpressionCompilation.Document(api), output);
        }

        return 0;
    }

    private static async Task MeasureAsync(string postern, string what, Func<int, string?> policy, TextWriter output)
    {
        IEnumerable<SnapshotEntity> entities = Enumerable.Range(0, Apis).SelectMany<int, SnapshotEntity>(i =>
        {
            var api = Entities.Api($"api{i}", $"area{i}", "http://127.0.0.1:9", operations: ["GET /things"]);
            return policy(i) is { } text ? [api, Entities.Policy($"apis/api{i}", text)] : [api];
        });
        await using var gateway = await GatewayProcess.StartAsync(postern, entities);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Apis} APIs, {what}: ready after {gateway.TimeToReady.TotalMilliseconds:0} ms, {gateway.Cpu.TotalMilliseconds:0} ms of processor time"));
    }
}

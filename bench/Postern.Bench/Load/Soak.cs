using System.Globalization;
using Postern.Gateway.Tests.Parts;

namespace Postern.Bench.Load;

/// <summary>
/// Full load of all kinds at once for as long as asked, while the configuration changes every second. Fails on an answer that is not the
/// expected one, and when the gateway's memory drifts.
/// </summary>
internal static class Soak
{
    private const double MostDrift = 5;

    /// <returns>0 when every answer was right and memory stayed level.</returns>
    public static async Task<int> RunAsync(string postern, TimeSpan time, TextWriter output)
    {
        var (backend, address) = await LoadBackend.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(postern,
        [
            Entities.Api("open", "open", address),
            Entities.Api("orders", "orders", address, subscriptionRequired: true),
            Entities.Api("chat", "chat", address.Replace("http", "ws", StringComparison.Ordinal), protocols: ["ws", "wss"]) with { Type = "websocket", Operations = [] },
            Entities.Subscription("s", "all"),
            Policy(0),
        ]);
        using var stop = new CancellationTokenSource(time, TimeProvider.System);
        var traffic = new SoakTraffic(gateway, stop.Token);
        var running = traffic.RunAsync();
        var samples = new List<(double Second, double MiB)>();
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        for (var change = 1; !stop.IsCancellationRequested; change++)
        {
            gateway.Configuration.Put([Policy(change)]);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
            var second = System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalSeconds;
            samples.Add((second, gateway.ResidentBytes / 1048576.0));
            if (change % 10 == 0)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{second,5:0} s  {samples[^1].MiB,6:0.0} MiB  {traffic.Summary}"));
            }
        }

        await running;
        await backend.DisposeAsync();

        // The first third warms up: the JIT, pools of buffers and connections.
        var level = samples.Where(sample => sample.Second > time.TotalSeconds / 3).ToList();
        var first = level.Take(level.Count / 3).Average(sample => sample.MiB);
        var last = level.TakeLast(level.Count / 3).Average(sample => sample.MiB);
        var drift = (last - first) / first * 100;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{traffic.Summary}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"RSS {first:0.0} MiB after warm-up, {last:0.0} MiB at the end: drift {drift:+0.0;-0.0} % (at most {MostDrift} %)"));
        foreach (var wrong in traffic.Wrong.Take(10))
        {
            output.WriteLine($"wrong: {wrong}");
        }

        return traffic.Wrong.IsEmpty && Math.Abs(drift) <= MostDrift ? 0 : 1;
    }

    /// <summary>Gateway work with a value that changes, so that each change compiles anew.</summary>
    private static Snapshots.PolicySnapshot Policy(int change) => Entities.Policy("apis/orders", $$"""
        <policies>
            <inbound>
                <rate-limit calls="100000000" renewal-period="60" />
                <set-header name="X-Gateway" exists-action="override"><value>{{change}}</value></set-header>
                <set-header name="X-Caller" exists-action="override"><value>@(context.Request.Method + " {{change}}")</value></set-header>
            </inbound>
            <backend><forward-request /></backend>
            <outbound><set-header name="X-Served-By" exists-action="override"><value>soak</value></set-header></outbound>
            <on-error />
        </policies>
        """);
}

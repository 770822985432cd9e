using System.Diagnostics;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Listening;

/// <summary>
/// What holds with <c>POSTERN_TESTS_INLINE=1</c> and without. The process of its own in the end-to-end tests has it on always.
/// </summary>
public sealed class SocketThreadTests
{
    [Fact]
    public async Task An_expression_that_computes_for_two_seconds_holds_up_nobody_else()
    {
        const string Busy = """
            @{
                var text = new string('x', 4000000);
                var end = DateTime.UtcNow.AddSeconds(2);
                while (DateTime.UtcNow < end && text.IndexOf('y') < 0) { }
                return "done";
            }
            """;
        await using var backend = RawBackend.Saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", close: false);
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("slow", "slow", backend.Address.ToString()),
            Entities.Api("quick", "quick", backend.Address.ToString()),
            Entities.Policy("apis/slow", $"<policies><inbound><set-header name=\"X-Slow\"><value>{Busy}</value></set-header></inbound><backend><forward-request /></backend><outbound /><on-error /></policies>"));
        using var one = await RawClient.ConnectAsync(gateway.Server.HttpAddress);
        await one.WriteAsync("GET /quick/x HTTP/1.1\r\nHost: x\r\n\r\n");
        await one.ReadUntilAsync("\r\n\r\nok");

        // More connections than threads that wait for sockets, so that each such thread has some.
        var others = new List<RawClient>();
        for (var i = 0; i < 4 * Environment.ProcessorCount; i++)
        {
            others.Add(await RawClient.ConnectAsync(gateway.Server.HttpAddress));
        }

        await one.WriteAsync("GET /slow/x HTTP/1.1\r\nHost: x\r\n\r\n");
        var slow = one.ReadUntilAsync("\r\n\r\nok");
        var longest = TimeSpan.Zero;
        var rounds = 0;
        while (!slow.IsCompleted)
        {
            var began = Stopwatch.GetTimestamp();
            await Task.WhenAll(others.Select(async other =>
            {
                await other.WriteAsync("GET /quick/x HTTP/1.1\r\nHost: x\r\n\r\n");
                await other.ReadUntilAsync("\r\n\r\nok");
            }));
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(began).Ticks));
            rounds++;
        }

        others.ForEach(other => other.Dispose());
        Assert.Contains("200 OK", await slow);
        Assert.True(rounds > 3 && longest < TimeSpan.FromSeconds(1), $"{rounds} rounds of other requests; the longest took {longest.TotalMilliseconds:0} ms.");
    }

    [Fact]
    public async Task Pipelined_requests_are_all_answered_in_order()
    {
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("made", "made", "http://127.0.0.1:1"),
            Entities.Policy("apis/made", "<policies><inbound><return-response><set-status code=\"200\" /><set-body>@(context.Request.Url.Path)</set-body></return-response></inbound><backend /><outbound /><on-error /></policies>"));
        using var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress);

        var sending = client.WriteAsync(string.Concat(Enumerable.Range(0, 500).Select(i => i % 2 == 0 ? $"GET /made/{i} HTTP/1.1\r\nHost: x\r\n\r\n" : $"GET /none/{i} HTTP/1.1\r\nHost: x\r\n\r\n")));
        for (var i = 0; i < 500; i++)
        {
            var head = await client.ReadUntilAsync("\r\n\r\n");
            Assert.StartsWith(i % 2 == 0 ? "HTTP/1.1 200" : "HTTP/1.1 404", head);
            await client.ReadUntilAsync(i % 2 == 0 ? $"/{i}" : "}");
        }

        await sending;
    }
}

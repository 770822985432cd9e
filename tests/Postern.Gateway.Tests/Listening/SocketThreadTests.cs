using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Listening;

/// <summary>
/// What holds with <c>POSTERN_TESTS_INLINE=1</c> and without. The process of its own in the end-to-end tests has it on always.
/// </summary>
public sealed class SocketThreadTests
{
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

using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Forwarding;

/// <summary>Answers that come, or are replaced, while the caller still sends its body.</summary>
public sealed class LongUploadTests
{
    [Theory]
    [InlineData("1", "")]
    [InlineData("2", "")]
    [InlineData("2", "continue-timeout=\"30\"")]
    public async Task An_answer_that_a_policy_replaces_during_the_upload_leaves_the_connection_sound(string version, string attributes)
    {
        await using var backend = await TestBackend.StartAsync(
            async context =>
            {
                if (context.Request.Headers.Expect.Count > 0)
                {
                    // Which says 100 Continue.
                    await context.Request.Body.ReadExactlyAsync(new byte[5]);
                }

                // Longer than anyone reads, so that the answer is open when the policy lets go of it.
                await context.Response.Body.WriteAsync(new byte[200_000]);
                await context.Response.Body.FlushAsync();
                await context.Request.Body.CopyToAsync(Stream.Null);
            },
            listen => listen.Protocols = version == "2" ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("echo", "echo", backend.Address.ToString()),
            Entities.Policy("apis/echo", $"<policies><inbound /><backend><forward-request http-version=\"{version}\" {attributes} /></backend><outbound><return-response><set-status code=\"409\" /><set-body>mine</set-body></return-response></outbound><on-error /></policies>"));

        using var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress);
        for (var i = 0; i < 10; i++)
        {
            await client.WriteAsync("POST /echo/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            Assert.StartsWith("HTTP/1.1 409", await client.ReadUntilAsync("\r\n\r\nmine"));
            await client.WriteAsync("5\r\nworld\r\n0\r\n\r\n");
        }

        Assert.DoesNotContain(gateway.Logs.Records, record => record.Text.Contains("already in progress", StringComparison.Ordinal) || record.Text.Contains("ConcurrentRead", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ours", "", false)]
    [InlineData("ours", "nonsense\r\n\r\n", false)]
    [InlineData("ours", "nonsense\r\n\r\n", true)]
    [InlineData("ours", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok", false)]
    [InlineData("2", "RST_STREAM", false)]
    [InlineData("2", "RST_STREAM", true)]
    public async Task A_backend_that_breaks_off_during_the_upload_leaves_the_callers_connection_sound(string transport, string answer, bool chunked)
    {
        await using var backend = RawBackend.Saying(answer);
        await using var second = new RawHttp2Backend((connection, id) => connection.ResetAsync(id, 2));
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("echo", "echo", (transport == "2" ? second.Address : backend.Address).ToString()),
            Entities.Policy("apis/echo", $"<policies><inbound /><backend><forward-request http-version=\"{(transport == "2" ? "2" : "1")}\" /></backend><outbound /><on-error /></policies>"));
        using var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress);

        for (var i = 0; i < 10; i++)
        {
            await client.WriteAsync($"POST /echo/x HTTP/1.1\r\nHost: x\r\n{(chunked ? "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n" : "Content-Length: 10\r\n\r\nhello")}");
            Assert.StartsWith("HTTP/1.1 500", await client.ReadUntilAsync("}"));
            await client.WriteAsync(chunked ? "5\r\nworld\r\n0\r\n\r\n" : "world");
        }

        await Until.TrueAsync(() => backend.Open == 0);
    }

    [Theory]
    [InlineData("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nno!")]
    [InlineData("HTTP/1.1 413 Content Too Large\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nno!\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")]
    public async Task A_backend_that_answers_and_reads_no_more_does_not_hold_the_caller(string answer)
    {
        // It takes neither the body nor an end: all buffers on the way fill up.
        var answered = new TaskCompletionSource();
        await using var backend = new RawBackend(async (stream, _, stopping) =>
        {
            await answered.Task.WaitAsync(stopping);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), stopping);
            await new TaskCompletionSource().Task.WaitAsync(stopping);
        });
        await using var gateway = await TestGateway.ToAsync(backend.Address);
        using var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress);

        await client.WriteAsync("POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n");
        await client.FillAsync();
        answered.SetResult();

        Assert.StartsWith("HTTP/1.1 413", await client.ReadUntilAsync("\r\n\r\n"));
        await Until.TrueAsync(() => gateway.Logs.Records.Any(record => record.Event == "GatewayLogs" && record.Text.Contains("responseCode: 413", StringComparison.Ordinal)));
    }
}

using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Forwarding;

/// <summary>Answers that come, or are replaced, while the caller still sends its body.</summary>
public sealed class LongUploadTests
{
    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task An_answer_that_a_policy_replaces_during_the_upload_leaves_the_connection_sound(string version)
    {
        await using var backend = await TestBackend.StartAsync(
            async context =>
            {
                // Longer than anyone reads, so that the answer is open when the policy lets go of it.
                await context.Response.Body.WriteAsync(new byte[200_000]);
                await context.Response.Body.FlushAsync();
                await context.Request.Body.CopyToAsync(Stream.Null);
            },
            listen => listen.Protocols = version == "2" ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using var gateway = await TestGateway.StartAsync(
            Entities.Api("echo", "echo", backend.Address.ToString()),
            Entities.Policy("apis/echo", $"<policies><inbound /><backend><forward-request http-version=\"{version}\" /></backend><outbound><return-response><set-status code=\"409\" /><set-body>mine</set-body></return-response></outbound><on-error /></policies>"));

        using var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress);
        for (var i = 0; i < 10; i++)
        {
            await client.WriteAsync("POST /echo/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            Assert.StartsWith("HTTP/1.1 409", await client.ReadUntilAsync("\r\n\r\nmine"));
            await client.WriteAsync("5\r\nworld\r\n0\r\n\r\n");
        }

        Assert.DoesNotContain(gateway.Logs.Records, record => record.Text.Contains("already in progress", StringComparison.Ordinal) || record.Text.Contains("ConcurrentRead", StringComparison.Ordinal));
    }
}

using System.Text;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Forwarding;

/// <summary>Where a request's body ends is the gateway's to say, whatever policies do to <c>Content-Length</c>.</summary>
public sealed class RequestLengthTests
{
    private const string Body = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";

    [Theory]
    [InlineData("ours", "<value>0</value>", "")]
    [InlineData("ours", "<value>3</value>", "")]
    [InlineData("ours", "<value>1000</value>", "")]
    [InlineData("platform", "<value>3</value>", "")]
    [InlineData("platform", "<value>1000</value>", "")]
    [InlineData("ours", "<value>3</value>", "Transfer-Encoding: chunked\r\n")]
    [InlineData("platform", "<value>3</value>", "Transfer-Encoding: chunked\r\n")]
    public async Task A_length_that_a_policy_makes_up_hides_no_request_in_the_body(string transport, string value, string framing)
    {
        var seen = new List<string>();
        await using var backend = new RawBackend(async (stream, request, stopping) =>
        {
            lock (seen)
            {
                seen.Add(request[..request.IndexOf("\r\n", StringComparison.Ordinal)]);
            }

            // The head and the body come in two pieces or in one; either way the body is all that follows.
            var buffer = new byte[1024];
            while (!request.Contains(Body, StringComparison.Ordinal))
            {
                request += Encoding.Latin1.GetString(buffer, 0, await stream.ReadAsync(buffer, stopping));
            }

            if (framing.Length > 0)
            {
                while (!request.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal))
                {
                    request += Encoding.Latin1.GetString(buffer, 0, await stream.ReadAsync(buffer, stopping));
                }
            }

            lock (seen)
            {
                seen.AddRange(request.Split("\r\n").Where(line => line.StartsWith("Content-Length", StringComparison.Ordinal) || line.StartsWith("Transfer-Encoding", StringComparison.Ordinal)));
            }

            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray(), stopping);
        });
        await using var gateway = await TestGateway.PrepareAsync();
        gateway.Configuration.Put(
        [
            Entities.Service, Entities.Api("echo", "echo", transport == "ours" ? backend.Address.ToString() : "http://backend.example/"),
            Entities.Policy("apis/echo", $"<policies><inbound><set-header name=\"Content-Length\" exists-action=\"override\">{value}</set-header></inbound><backend><forward-request timeout=\"5\" /></backend><outbound /><on-error /></policies>"),
        ]);
        await gateway.StartServerAsync(options => options with { Variable = name => transport != "ours" && name == "HTTP_PROXY" ? backend.Address.ToString() : null });
        await gateway.Server.Ready.WaitAsync(TimeSpan.FromSeconds(20));
        using var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress);

        await client.WriteAsync(framing.Length > 0
            ? $"POST /echo/x HTTP/1.1\r\nHost: x\r\n{framing}\r\n{Body.Length:x}\r\n{Body}\r\n0\r\n\r\n"
            : $"POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");

        Assert.StartsWith("HTTP/1.1 200", await client.ReadUntilAsync("\r\n\r\nok"));
        Assert.Equal(framing.Length > 0 ? "Transfer-Encoding: chunked" : $"Content-Length: {Body.Length}", seen[1]);
        Assert.Equal(2, seen.Count);
        Assert.Equal(1, backend.Connections);
    }
}

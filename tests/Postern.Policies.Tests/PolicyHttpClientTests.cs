using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Postern.Policies.Runtime;

namespace Postern.Policies.Tests;

public sealed class PolicyHttpClientTests
{
    [Fact]
    public async Task An_endless_answer_is_cut_at_the_limit_of_whoever_asked()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var sent = 0L;
        var serving = Task.Run(async () =>
        {
            using var connection = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            await using var stream = connection.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"));
            var chunk = new byte[64 * 1024];
            try
            {
                while (sent < 1L << 40)
                {
                    await stream.WriteAsync(chunk);
                    sent += chunk.Length;
                }
            }
            catch (IOException)
            {
                // The client has hung up.
            }
        }, TestContext.Current.CancellationToken);
        using var client = new PolicyHttpClient(tls: null);
        var request = new PolicyRequest { Headers = new HeaderDictionary() };
        var address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");

        var refused = await Assert.ThrowsAsync<MessageBodyTooLargeException>(async () =>
            await client.SendAsync(new(address, request) { LongestAnswer = 1024 * 1024 }, new PolicyResponse { Headers = new HeaderDictionary() }, TestContext.Current.CancellationToken));

        Assert.Contains("1048576", refused.Message, StringComparison.Ordinal);
        await serving.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.True(sent < MessageBody.BufferLimit, $"{sent} bytes were taken.");
    }
}

using Microsoft.AspNetCore.Http;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Clients;

/// <summary>curl, nghttp, h2load and openssl as they come, on both ports.</summary>
public sealed class CommandLineClientTests
{
    [Theory]
    [InlineData("1.1", "http", "--http1.1")]
    [InlineData("1.1", "https", "--http1.1")]
    [InlineData("2", "http", "--http2-prior-knowledge")]
    [InlineData("2", "https", "--http2")]
    public async Task Curl_speaks_both_versions_on_both_ports(string version, string scheme, string option)
    {
        await using var backend = await EchoAsync();
        await using var gateway = await TestGateway.ToAsync(backend.Address);
        var body = new string('b', 100_000);
        using var folder = new Postern.Testing.TemporaryFolder();
        await File.WriteAllTextAsync(folder.In("body"), body);

        // A body of this size makes curl expect 100-continue over HTTP/1.1 first; "-T -" and no length make chunks.
        var answer = await ClientProgram.RunAsync(
            "curl", "curl", "-sS", "-k", option, "-X", "POST", "--data-binary", $"@{folder.In("body")}", "-H", "Expect: 100-continue", "-w", "\n%{http_code} %{http_version}", $"{Address(gateway, scheme)}/echo/x");

        Assert.Equal($"{body}\n200 {version}", answer);
    }

    [Fact]
    public async Task Curl_uploads_what_has_no_length()
    {
        await using var backend = await EchoAsync();
        await using var gateway = await TestGateway.ToAsync(backend.Address);
        using var curl = ClientProgram.Start("curl", "curl", null, "-sS", "--no-buffer", "-X", "POST", "-T", "-", $"{Address(gateway, "http")}/echo/x");

        await curl.WriteLineAsync("first");
        curl.Close();

        Assert.Equal("first\n", await curl.EndAsync());
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Nghttp_gets_an_answer(string scheme)
    {
        await using var backend = RawBackend.Saying("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 42\r\n\r\n", close: false);
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        var answer = await ClientProgram.RunAsync("nghttp", "nghttp2-client", "--no-verify-peer", "-v", $"{Address(gateway, scheme)}/echo/x");

        Assert.Contains(":status: 200", answer);
        Assert.Contains("hello", answer);
        Assert.Contains("x-sum: 42", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task H2load_has_every_request_answered(string scheme)
    {
        await using var backend = await EchoAsync();
        await using var gateway = await TestGateway.ToAsync(backend.Address);

        var answer = await ClientProgram.RunAsync("h2load", "nghttp2-client", "-n", "1000", "-c", "4", "-m", "16", $"{Address(gateway, scheme)}/echo/x");

        Assert.Contains("1000 total, 1000 started, 1000 done, 1000 succeeded, 0 failed, 0 errored, 0 timeout", answer);
        Assert.Contains("status codes: 1000 2xx", answer);
    }

    [Theory]
    [InlineData("h2", "-tls1_3")]
    [InlineData("http/1.1", "-tls1_2")]
    public async Task Openssl_agrees_on_protocol_and_version(string protocol, string version)
    {
        await using var gateway = await TestGateway.StartAsync();

        var answer = await ClientProgram.RunAsync("openssl", "openssl", "s_client", "-connect", $"localhost:{gateway.Server.HttpsAddress.Port}", "-alpn", protocol, version);

        Assert.Contains($"ALPN protocol: {protocol}", answer);
        Assert.Contains(version == "-tls1_3" ? "TLSv1.3" : "TLSv1.2", answer);
    }

    private static string Address(TestGateway gateway, string scheme) =>
        (scheme == "http" ? gateway.Server.HttpAddress : gateway.Server.HttpsAddress).ToString().TrimEnd('/');

    private static Task<TestBackend> EchoAsync() => TestBackend.StartAsync(context => context.Request.Body.CopyToAsync(context.Response.Body));
}

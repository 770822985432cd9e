using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Programs;

/// <summary>Backends compress for callers that take it, and policies read what they sent all the same.</summary>
public sealed class CompressedBodyTests
{
    public static TheoryData<string> Encodings { get; } = ["gzip", "x-gzip", "br", "deflate"];

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task Expressions_and_templates_read_a_compressed_response_and_what_replaces_it_goes_out_plain(string encoding)
    {
        await using var backend = await CompressingAsync(encoding, """{"sad":"sad"}""", "application/json");
        await using var gateway = await GatewayAsync(backend, outbound: """
            <set-variable name="before" value="@(context.Response.Body.As<JObject>(preserveContent: true)["sad"].ToString())" />
            <set-body template="liquid">{"liquid":"{{body.sad}}"}</set-body>
            <set-body>@(context.Response.Body.As<JObject>()["liquid"] + ", " + context.Variables["before"])</set-body>
            """);

        using var response = await gateway.GetAsync("/echo/x");

        Assert.Equal("sad, sad", await response.Content.ReadAsStringAsync());
        Assert.Empty(response.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task A_compressed_response_that_a_policy_only_looks_at_goes_out_as_it_came()
    {
        await using var backend = await CompressingAsync("gzip", """{"ok":true}""", "application/json");
        await using var gateway = await GatewayAsync(backend, outbound: """
            <set-header name="X-Ok"><value>@(context.Response.Body.As<JObject>(preserveContent: true)["ok"].ToString())</value></set-header>
            """);

        using var response = await gateway.GetAsync("/echo/x");

        Assert.Equal("True", response.Headers.GetValues("X-Ok").Single());
        Assert.Equal("gzip", response.Content.Headers.ContentEncoding.Single());
        Assert.Equal("""{"ok":true}""", Plain("gzip", await response.Content.ReadAsByteArrayAsync()));
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task Conversions_take_compressed_responses(string encoding)
    {
        await using var backend = await CompressingAsync(encoding, "<a><b>sad</b></a>", "application/xml");
        await using var gateway = await GatewayAsync(backend, outbound: """
            <find-and-replace from="sad" to="glad" />
            <xml-to-json kind="direct" apply="always" consider-accept-header="false" />
            """);

        using var response = await gateway.GetAsync("/echo/x");

        Assert.Equal("""{"a":{"b":"glad"}}""", await response.Content.ReadAsStringAsync());
        Assert.Empty(response.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task A_text_that_is_not_found_leaves_a_message_that_says_what_it_is()
    {
        await using var backend = await CompressingAsync("gzip", new string('x', 10_000), "text/plain");
        await using var gateway = await GatewayAsync(backend, outbound: """<find-and-replace from="sad" to="glad" />""");

        using var response = await gateway.GetAsync("/echo/x");
        var bytes = await response.Content.ReadAsByteArrayAsync();

        Assert.Equal(10_000, (response.Content.Headers.ContentEncoding.Count == 0 ? Encoding.ASCII.GetString(bytes) : Plain("gzip", bytes)).Length);
    }

    [Fact]
    public async Task A_compressed_request_is_read_and_replaced()
    {
        await using var backend = await EchoAsync();
        await using var gateway = await GatewayAsync(backend, inbound: """<set-body>@(context.Request.Body.As<string>().Replace("sad", "glad"))</set-body>""");

        Assert.Equal("glad|", await PostAsync(gateway, Compressed("gzip", "sad"), "gzip"));
    }

    [Fact]
    public async Task A_copy_of_a_compressed_request_with_another_body_is_plain()
    {
        await using var backend = await EchoAsync();
        await using var gateway = await GatewayAsync(backend, inbound: $"""
            <send-request mode="copy" response-variable-name="r"><set-url>{backend.Address}</set-url><set-body>@(context.Request.Body.As<string>(preserveContent: true) + "der")</set-body></send-request>
            <return-response><set-body>@(((IResponse)context.Variables["r"]).Body.As<string>())</set-body></return-response>
            """);

        Assert.Equal("sadder|", await PostAsync(gateway, Compressed("gzip", "sad"), "gzip"));
    }

    [Fact]
    public async Task A_body_that_is_not_compressed_as_it_says_fails_the_policy_that_reads_it()
    {
        await using var backend = await EchoAsync();
        await using var gateway = await GatewayAsync(backend, inbound: """<find-and-replace from="sad" to="glad" />""");

        using var response = await SendAsync(gateway, Encoding.ASCII.GetBytes("sad"), "gzip");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task A_body_that_grows_beyond_what_policies_may_hold_is_refused()
    {
        await using var backend = await EchoAsync();
        await using var gateway = await GatewayAsync(backend, inbound: """<set-body>@(context.Request.Body.As<string>().Length.ToString())</set-body>""");

        using var response = await SendAsync(gateway, Compressed("gzip", new string('x', 80_000_000)), "gzip");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task A_body_of_an_unknown_encoding_passes_unread_and_is_refused_when_a_policy_is_to_change_it()
    {
        await using var backend = await EchoAsync();
        await using var gateway = await GatewayAsync(backend, inbound: """
            <choose><when condition="@(context.Request.Url.Query.ContainsKey("change"))"><find-and-replace from="sad" to="glad" /></when></choose>
            """);

        Assert.Equal("sad|zstd", await PostAsync(gateway, Encoding.ASCII.GetBytes("sad"), "zstd"));
        using var refused = await SendAsync(gateway, Encoding.ASCII.GetBytes("sad"), "zstd", "?change=1");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("'zstd' can't be read here", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static Task<TestBackend> CompressingAsync(string encoding, string text, string type) => TestBackend.StartAsync(context =>
    {
        var bytes = Compressed(encoding, text);
        context.Response.ContentType = type;
        context.Response.Headers.ContentEncoding = encoding;
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes).AsTask();
    });

    private static Task<TestBackend> EchoAsync() => TestBackend.StartAsync(async context =>
    {
        using var reader = new StreamReader(context.Request.Body);
        await context.Response.WriteAsync($"{await reader.ReadToEndAsync()}|{context.Request.Headers.ContentEncoding}");
    });

    private static Task<TestGateway> GatewayAsync(TestBackend backend, string inbound = "", string outbound = "") => TestGateway.StartAsync(
        Entities.Api("echo", "echo", backend.Address.ToString()),
        Entities.Policy("apis/echo", $"<policies><inbound>{inbound}</inbound><backend><base /></backend><outbound>{outbound}</outbound></policies>"));

    private static async Task<string> PostAsync(TestGateway gateway, byte[] body, string encoding)
    {
        using var response = await SendAsync(gateway, body, encoding);
        return await response.Content.ReadAsStringAsync();
    }

    private static async Task<HttpResponseMessage> SendAsync(TestGateway gateway, byte[] body, string encoding, string query = "")
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        content.Headers.ContentEncoding.Add(encoding);
        return await gateway.Client.PostAsync($"/echo/x{query}", content);
    }

    private static byte[] Compressed(string encoding, string text)
    {
        using var bytes = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "br" => new BrotliStream(bytes, CompressionLevel.Fastest),
            "deflate" => new ZLibStream(bytes, CompressionLevel.Fastest),
            _ => new GZipStream(bytes, CompressionLevel.Fastest),
        })
        {
            stream.Write(Encoding.ASCII.GetBytes(text));
        }

        return bytes.ToArray();
    }

    private static string Plain(string encoding, byte[] bytes)
    {
        Assert.Equal("gzip", encoding);
        using var reader = new StreamReader(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress));
        return reader.ReadToEnd();
    }
}

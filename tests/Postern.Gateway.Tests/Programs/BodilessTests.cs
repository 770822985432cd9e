using Microsoft.AspNetCore.Http;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Programs;

/// <summary>Answers that have no body, whatever policies do to it: the caller's next request on the connection is answered as well.</summary>
public sealed class BodilessTests
{
    private const string Stylesheet =
        """<xsl-transform><xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><o /></xsl:template></xsl:stylesheet></xsl-transform>""";

    public static TheoryData<string> Conversions { get; } =
    [
        """<json-to-xml apply="always" consider-accept-header="false" />""",
        """<xml-to-json kind="direct" apply="always" consider-accept-header="false" />""",
        """<find-and-replace from="a" to="b" />""",
        """<jsonp callback-parameter-name="cb" />""",
        "<redirect-content-urls />",
        Stylesheet,
    ];

    public static TheoryData<string, int> Replacements { get; } = new()
    {
        { "<set-body>hello</set-body>", 200 },
        { """<set-body template="liquid">hello {{body.a}}</set-body>""", 200 },
        { """<mock-response status-code="204" />""", 204 },
        { """<return-response><set-status code="204" /><set-body>x</set-body></return-response>""", 204 },
        { """<return-response><set-status code="304" /><set-body>x</set-body></return-response>""", 304 },
        { """<set-status code="204" />""", 204 },
    };

    [Theory]
    [MemberData(nameof(Conversions))]
    public async Task A_conversion_leaves_an_answer_without_a_body_alone(string policy)
    {
        await using var backend = await BackendAsync();
        await using var gateway = await GatewayAsync(backend, policy);

        Assert.StartsWith("HTTP/1.1 204 No Content\r\n", await TwoAsync(gateway, "GET /echo/x?cb=f&status=204"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 304 Not Modified\r\n", await TwoAsync(gateway, "GET /echo/x?cb=f&status=304"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await TwoAsync(gateway, "GET /echo/x?cb=f&empty=1"), StringComparison.Ordinal);
        var head = await TwoAsync(gateway, "HEAD /echo/x?cb=f");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Content-Length: 7", head[..head.IndexOf("\r\n\r\n", StringComparison.Ordinal)], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Replacements))]
    public async Task A_body_that_a_policy_makes_is_not_sent_where_there_can_be_none(string policy, int status)
    {
        await using var backend = await BackendAsync();
        await using var gateway = await GatewayAsync(backend, policy);

        Assert.StartsWith($"HTTP/1.1 {status} ", await TwoAsync(gateway, "HEAD /echo/x"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 ", await TwoAsync(gateway, "GET /echo/x?status=204"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 ", await TwoAsync(gateway, "GET /echo/x?status=304"), StringComparison.Ordinal);
    }

    /// <summary>Two requests in one go; the second one's answer must begin where the first one's body ends.</summary>
    /// <returns>The first answer.</returns>
    private static async Task<string> TwoAsync(TestGateway gateway, string first)
    {
        var answers = await RawClient.SendAsync(gateway.Server.HttpAddress, $"{first} HTTP/1.1\nHost: a\n\nGET /plain/x HTTP/1.1\nHost: a\nConnection: close\n\n");
        var end = answers.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answers[end..], StringComparison.Ordinal);
        Assert.EndsWith("""{"a":1}""", answers, StringComparison.Ordinal);
        return answers[..end];
    }

    private static Task<TestBackend> BackendAsync() => TestBackend.StartAsync(async context =>
    {
        context.Response.ContentType = "application/json";
        if (context.Request.Query["status"].ToString() is { Length: > 0 } status)
        {
            context.Response.StatusCode = int.Parse(status, System.Globalization.CultureInfo.InvariantCulture);
        }
        else if (!context.Request.Query.ContainsKey("empty"))
        {
            context.Response.ContentLength = 7;
            await context.Response.WriteAsync(HttpMethods.IsHead(context.Request.Method) ? "" : """{"a":1}""");
        }
    });

    private static Task<TestGateway> GatewayAsync(TestBackend backend, string outbound) => TestGateway.StartAsync(
        Entities.Api("echo", "echo", backend.Address.ToString()),
        Entities.Api("plain", "plain", backend.Address.ToString()),
        Entities.Policy("apis/echo", $"<policies><inbound /><backend><base /></backend><outbound>{outbound}</outbound></policies>"));
}

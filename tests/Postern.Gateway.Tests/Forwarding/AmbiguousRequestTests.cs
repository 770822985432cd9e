using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Forwarding;

/// <summary>
/// Messages that two servers may read differently. Each is refused, or reaches the backend in a form with one meaning: the backend sees
/// exactly the requests that the gateway saw.
/// </summary>
public sealed class AmbiguousRequestTests
{
    private const string Hidden = "GET /echo/hidden HTTP/1.1\r\nHost: x\r\n\r\n";

    private static readonly (string What, string Message)[] Corpus =
    [
        ("length and chunks", "POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("length and chunks, length hides a request", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: {Hidden.Length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{Hidden}"),
        ("two lengths", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: {Hidden.Length}\r\n\r\n{Hidden}"),
        ("two equal lengths", "POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab"),
        ("a list of lengths", "POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: 2, 2\r\n\r\nab"),
        ("a signed length", "POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\nab"),
        ("a negative length", "POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: -2\r\n\r\nab"),
        ("a hexadecimal length", "POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: 0x2\r\n\r\nab"),
        ("an overlong length", "POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\nab"),
        ("an unknown coding", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{Hidden}"),
        ("chunked is not last", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{Hidden}"),
        ("chunked twice", "POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("a coding in quotes", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n{Hidden}"),
        ("a coding after a vertical tab", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n{Hidden}"),
        ("a blank before the colon", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{Hidden}"),
        ("a folded header", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nX: a\r\n Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{Hidden}"),
        ("a folded coding", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n{Hidden}"),
        ("a bare return in a header", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nX: a\rTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{Hidden}"),
        ("a zero byte in a header", "GET /echo/a HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n"),
        ("bare line feeds", $"POST /echo/a HTTP/1.1\nHost: x\nContent-Length: {Hidden.Length}\n\n{Hidden}"),
        ("a header name with a blank", "GET /echo/a HTTP/1.1\r\nHost: x\r\nX Y: 1\r\n\r\n"),
        ("a header without a name", "GET /echo/a HTTP/1.1\r\nHost: x\r\n: 1\r\n\r\n"),
        ("a header without a colon", "GET /echo/a HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n"),
        ("a chunk size with a sign", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n+2\r\nab\r\n0\r\n\r\n{Hidden}"),
        ("a chunk size with 0x", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\nab\r\n0\r\n\r\n{Hidden}"),
        ("an overlong chunk size", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff2\r\nab\r\n0\r\n\r\n{Hidden}"),
        ("a chunk without its end", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab0\r\n\r\n{Hidden}"),
        ("a chunk extension with a line feed", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2;a\nb\r\nab\r\n0\r\n\r\n{Hidden}"),
        ("chunks of version 1.0", $"POST /echo/a HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n0\r\n\r\n{Hidden}"),
        ("framing in a trailer", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: {Hidden.Length}\r\nHost: y\r\n\r\n"),
        ("two hosts", "GET /echo/a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"),
        ("no host", "GET /echo/a HTTP/1.1\r\nX: y\r\n\r\n"),
        ("a host with a path", "GET /echo/a HTTP/1.1\r\nHost: x/y\r\n\r\n"),
        ("a target for another host", "GET http://other/echo/a HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a target with a fragment", "GET /echo/a#/../b HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a target with a blank", "GET /echo/a HTTP/1.1 /b HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a target with a tab", "GET /echo/a\tb HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a query with a return", "GET /echo/a?b\rX: y HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a method with a colon", "GE:T /echo/a HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("an unknown version", "GET /echo/a HTTP/1.2\r\nHost: x\r\n\r\n"),
        ("an upgrade with a body", $"GET /echo/a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: {Hidden.Length}\r\n\r\n{Hidden}"),
        ("a connection header that names framing", "POST /echo/a HTTP/1.1\r\nHost: x\r\nConnection: Content-Length\r\nContent-Length: 2\r\n\r\nab"),
        ("a body of GET that looks like a request", $"GET /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: {Hidden.Length}\r\n\r\n{Hidden}"),
        ("CL.TE, what chunks leave is a request", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: {Hidden.Length + 5}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{Hidden}"),
        ("TE.CL, what the length leaves is a request", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n{Hidden.Length:x}\r\n{Hidden}\r\n0\r\n\r\n"),
        ("TE.TE, another coding beside", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nTransfer-encoding: cow\r\n\r\n{Hidden.Length:x}\r\n{Hidden}\r\n0\r\n\r\n"),
        ("TE.TE, an empty coding beside", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{Hidden}"),
        ("a coding after a tab", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n"),
        ("a coding before a blank", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked \r\n\r\n0\r\n\r\n"),
        ("a coding before a form feed", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\u000c\r\n\r\n0\r\n\r\n{Hidden}"),
        ("a coding with a zero byte", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\0\r\n\r\n0\r\n\r\n{Hidden}"),
        ("a coding in a list that begins with nothing", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: , chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{Hidden}"),
        ("identity beside chunked", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity, chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{Hidden}"),
        ("identity alone", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\nContent-Length: {Hidden.Length}\r\n\r\n{Hidden}"),
        ("a coding with a parameter", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked;x=1\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{Hidden}"),
        ("an underscore for the hyphen", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer_Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
        ("a name in front of a coding's", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nX: X\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{Hidden}"),
        ("a coding in the first line's neighbour", $"POST /echo/a HTTP/1.1\r\n Transfer-Encoding: chunked\r\nHost: x\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{Hidden}"),
        ("a blank in the coding's name", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{Hidden}"),
        ("a length with a blank before the colon", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length : {Hidden.Length}\r\n\r\n{Hidden}"),
        ("a length with a plus behind", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: {Hidden.Length}+0\r\n\r\n{Hidden}"),
        ("a length with a blank within", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1 {Hidden.Length}\r\n\r\n{Hidden}"),
        ("a length with a fraction", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: {Hidden.Length}.0\r\n\r\n{Hidden}"),
        ("a length with zeros in front", "POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: 0002\r\n\r\nab"),
        ("an empty length", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n{Hidden}"),
        ("a length of other digits", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: \u00b2\r\n\r\n{Hidden}"),
        ("two lengths, folded", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n {Hidden.Length}\r\n\r\n{Hidden}"),
        ("a chunk size that overflows to a small one", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n100000002\r\nab\r\n0\r\n\r\n{Hidden}"),
        ("a chunk size with zeros in front", "POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0000000000000002\r\nab\r\n0\r\n\r\n"),
        ("a chunk size after a blank", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n 2\r\nab\r\n0\r\n\r\n{Hidden}"),
        ("a chunk size before a bare line feed", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\nab\r\n0\r\n\r\n{Hidden}"),
        ("a chunk size before a bare return", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\rab\r\n0\r\n\r\n{Hidden}"),
        ("a chunk that ends with a bare line feed", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\n0\r\n\r\n{Hidden}"),
        ("a chunk that ends with another two bytes", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabXX0\r\n\r\n{Hidden}"),
        ("a chunk extension with a bare return", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2;a\rb\r\nab\r\n0\r\n\r\n{Hidden}"),
        ("a chunk extension that looks like a request", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2;GET /echo/hidden HTTP/1.1\r\nab\r\n0\r\n\r\n"),
        ("a last chunk with a bare line feed", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\n\n{Hidden}"),
        ("a trailer without an end", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\n\n{Hidden}"),
        ("a coding in a trailer", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("an empty line before the request", $"\r\nGET /echo/a HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a bare line feed before the headers", $"GET /echo/a HTTP/1.1\nHost: x\r\n\r\n{Hidden}"),
        ("no version", "GET /echo/a\r\n"),
        ("version 0.9 with a host", "GET /echo/a HTTP/0.9\r\nHost: x\r\n\r\n"),
        ("a version in small letters", "GET /echo/a http/1.1\r\nHost: x\r\n\r\n"),
        ("two hosts that are the same", "GET /echo/a HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"),
        ("a host with an at sign", "GET /echo/a HTTP/1.1\r\nHost: x@y\r\n\r\n"),
        ("a host with a blank", "GET /echo/a HTTP/1.1\r\nHost: x y\r\n\r\n"),
        ("a list of hosts", "GET /echo/a HTTP/1.1\r\nHost: x, y\r\n\r\n"),
        ("a folded host", "GET /echo/a HTTP/1.1\r\nHost: x\r\n y\r\n\r\n"),
        ("a target for another host with a user", "GET http://x@other/echo/a HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a target with a scheme and no host", "GET http:///echo/a HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a target that is an authority", "GET other:80 HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a length for CONNECT", $"CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\nContent-Length: {Hidden.Length}\r\n\r\n{Hidden}"),
        ("an expectation nobody knows", "POST /echo/a HTTP/1.1\r\nHost: x\r\nExpect: 101-other\r\nContent-Length: 2\r\n\r\nab"),
        ("a settings header for HTTP/2", $"GET /echo/a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"),
        ("a connection header that names the coding", $"POST /echo/a HTTP/1.1\r\nHost: x\r\nConnection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"),
        ("a connection header that names the host", "GET /echo/a HTTP/1.1\r\nHost: x\r\nConnection: Host\r\n\r\n"),
        ("pipelined requests", $"GET /echo/a HTTP/1.1\r\nHost: x\r\n\r\n{Hidden}"),
    ];

    [Fact]
    public async Task Ambiguous_messages_are_refused_or_made_plain()
    {
        var seen = new List<string>();
        await using var backend = StrictReading.Backend(seen);
        await using var gateway = await TestGateway.ToAsync(backend.Address);
        var problems = new List<string>();
        var refused = 0;
        foreach (var (what, message) in Corpus)
        {
            seen.Clear();
            gateway.Logs.Records.Clear();
            using var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress);
            await client.WriteAsync(message + "GET /echo/last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            var answer = await client.ReadToEndAsync(seconds: 1);
            client.Dispose();

            // What the gateway handled, by its own record; refusals of the server itself leave none.
            var handled = gateway.Logs.Records.Where(record => record.Event == "GatewayLogs").Select(record => record.Text).ToList();
            var answers = answer.Split("HTTP/1.1 200", StringSplitOptions.None).Length - 1;
            refused += answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 505", StringComparison.Ordinal) ? 1 : 0;
            lock (seen)
            {
                if (seen.Any(request => request.Contains("ambiguous", StringComparison.Ordinal))
                    || Count(seen, "/hidden") > Count(handled, "/hidden") || Count(seen, "/last") > Count(handled, "/last")
                    || seen.Count < answers || (answer.Length > 0 && !answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal)))
                {
                    problems.Add($"{what}: the backend saw {string.Join(" | ", seen)}; the caller got {answer}");
                }
            }
        }

        Assert.Empty(problems);
        Assert.InRange(refused, 60, Corpus.Length - 5);
    }

    private static int Count(IEnumerable<string> texts, string part) => texts.Count(text => text.Contains(part, StringComparison.Ordinal));
}

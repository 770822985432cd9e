using System.Globalization;
using System.Net.Sockets;
using System.Text;
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
        ("pipelined requests", $"GET /echo/a HTTP/1.1\r\nHost: x\r\n\r\n{Hidden}"),
    ];

    [Fact]
    public async Task Ambiguous_messages_are_refused_or_made_plain()
    {
        var seen = new List<string>();
        await using var backend = new RawBackend((stream, head, stopping) => ReadStrictlyAsync(stream, head, seen, stopping));
        await using var gateway = await TestGateway.StartAsync(Entities.Api("echo", "echo", backend.Address.ToString()));
        var problems = new List<string>();
        var refused = 0;
        foreach (var (what, message) in Corpus)
        {
            seen.Clear();
            gateway.Logs.Records.Clear();
            using var client = await RawClient.ConnectAsync(gateway.Server.HttpAddress);
            await client.WriteAsync(message + "GET /echo/last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            var answer = await client.ReadToEndAsync(seconds: 2);
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
        Assert.InRange(refused, 25, Corpus.Length - 5);
    }

    private static int Count(IEnumerable<string> texts, string part) => texts.Count(text => text.Contains(part, StringComparison.Ordinal));

    /// <summary>Reads one request as strictly as can be, notes it, and answers 200.</summary>
    private static async Task ReadStrictlyAsync(NetworkStream stream, string head, List<string> seen, CancellationToken stopping)
    {
        var end = head.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var lines = head[..end].Split("\r\n");
        var rest = new StringBuilder(head[(end + 4)..]);
        var lengths = lines.Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).ToList();
        var codings = lines.Where(line => line.StartsWith("Transfer-Encoding:", StringComparison.OrdinalIgnoreCase)).ToList();
        var plain = lengths.Count + codings.Count <= 1
            && lines.Count(line => line.StartsWith("Host:", StringComparison.OrdinalIgnoreCase)) == 1
            && lines.Skip(1).All(line => line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && !line[..colon].Any(char.IsWhiteSpace))
            && lines[0].Split(' ').Length == 3
            && !head[..end].Any(character => character is '\0' or '\t') && head[..end].Replace("\r\n", "", StringComparison.Ordinal).IndexOfAny(['\r', '\n']) < 0;
        lock (seen)
        {
            seen.Add($"{lines[0]}{(plain ? "" : " (ambiguous: " + head[..end] + ")")}");
        }

        if (lengths.Count == 1)
        {
            await FillAsync(int.Parse(lengths[0]["Content-Length:".Length..].Trim(), NumberStyles.None, CultureInfo.InvariantCulture));
        }
        else if (codings.Count == 1)
        {
            while (!rest.ToString().EndsWith("0\r\n\r\n", StringComparison.Ordinal))
            {
                await FillAsync(rest.Length + 1);
            }
        }

        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), stopping);

        async Task FillAsync(int length)
        {
            var buffer = new byte[4096];
            while (rest.Length < length)
            {
                var read = await stream.ReadAsync(buffer, stopping);
                if (read == 0)
                {
                    throw new IOException("The gateway ended the request early.");
                }

                rest.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
    }
}

using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Postern.Gateway.Tests.Parts;

namespace Postern.Gateway.Tests.Forwarding;

/// <summary>
/// Requests of HTTP/2 that would mean something else in HTTP/1.1, where the backend reads them: each is refused, or reaches the backend as
/// one plain request.
/// </summary>
public sealed class DowngradedRequestTests
{
    private const string Hidden = "GET /echo/hidden HTTP/1.1\r\nHost: x\r\n\r\n";

    private static readonly (string What, (string Name, string Value)[] Fields, string Body, (string Name, string Value)[] Trailers)[] Corpus =
    [
        ("a length of nothing, with a body", [.. Post(), ("content-length", "0")], Hidden, []),
        ("a length that is too small", [.. Post(), ("content-length", "3")], "abc" + Hidden, []),
        ("a length that is too large", [.. Post(), ("content-length", "300")], "abc", []),
        ("two lengths", [.. Post(), ("content-length", "3"), ("content-length", "4")], "abc", []),
        ("a length that is none", [.. Post(), ("content-length", "+3")], "abc", []),
        ("a coding", [.. Post(), ("transfer-encoding", "chunked")], "0\r\n\r\n" + Hidden, []),
        ("a coding and a length", [.. Post(), ("transfer-encoding", "chunked"), ("content-length", "5")], "0\r\n\r\n", []),
        ("TE that asks for more than trailers", [.. Post(), ("te", "chunked")], "abc", []),
        ("a connection header", [.. Post(), ("connection", "close, content-length")], "abc", []),
        ("a line break in a value", [.. Post(), ("x", "a\r\nTransfer-Encoding: chunked")], "0\r\n\r\n" + Hidden, []),
        ("a line feed in a value", [.. Post(), ("x", "a\nTransfer-Encoding: chunked")], "0\r\n\r\n" + Hidden, []),
        ("a request in a value", [.. Post(), ("x", "a\r\n\r\n" + Hidden)], "abc", []),
        ("a zero byte in a value", [.. Post(), ("x", "a\0b")], "abc", []),
        ("a line break in a name", [.. Post(), ("x: a\r\ntransfer-encoding", "chunked")], "0\r\n\r\n" + Hidden, []),
        ("a colon in a name", [.. Post(), ("transfer-encoding: chunked", "x")], "0\r\n\r\n" + Hidden, []),
        ("a blank in a name", [.. Post(), ("transfer-encoding ", "chunked")], "0\r\n\r\n" + Hidden, []),
        ("capitals in a name", [.. Post(), ("Transfer-Encoding", "chunked")], "0\r\n\r\n" + Hidden, []),
        ("an empty name", [.. Post(), ("", "chunked")], "abc", []),
        ("a request in the path", [.. Post(path: "/echo/a HTTP/1.1\r\nHost: x\r\n\r\n" + Hidden)], "abc", []),
        ("a blank in the path", [.. Post(path: "/echo/a b")], "abc", []),
        ("a path without a slash", [.. Post(path: "echo/a")], "abc", []),
        ("an absolute path", [.. Post(path: "http://other/echo/a")], "abc", []),
        ("an empty path", [.. Post(path: "")], "abc", []),
        ("a fragment in the path", [.. Post(path: "/echo/a#/../b")], "abc", []),
        ("a request in the method", [.. Post(method: "POST /echo/hidden HTTP/1.1\r\nX: ")], "abc", []),
        ("a blank in the method", [.. Post(method: "GET /echo/hidden")], "abc", []),
        ("a line break in the authority", [.. Post(authority: "x\r\nTransfer-Encoding: chunked")], "0\r\n\r\n" + Hidden, []),
        ("an authority with a path", [.. Post(authority: "x/echo/hidden")], "abc", []),
        ("an authority with a user", [.. Post(authority: "x@y")], "abc", []),
        ("another host beside the authority", [.. Post(), ("host", "y")], "abc", []),
        ("a request in the scheme", [(":method", "POST"), (":scheme", "http://x/echo/hidden?"), (":authority", "x"), (":path", "/echo/a")], "abc", []),
        ("two paths", [.. Post(), (":path", "/echo/hidden")], "abc", []),
        ("two methods", [(":method", "GET"), .. Post()], "abc", []),
        ("a pseudo header after others", [.. Post()[..3], ("x", "y"), (":path", "/echo/a")], "abc", []),
        ("a pseudo header nobody knows", [.. Post(), (":hidden", "y")], "abc", []),
        ("a pseudo header of answers", [.. Post(), (":status", "200")], "abc", []),
        ("a length in the trailers", [.. Post()], "abc", [("content-length", "0")]),
        ("a coding in the trailers", [.. Post()], "abc", [("transfer-encoding", "chunked")]),
        ("a host in the trailers", [.. Post()], "abc", [("host", "y")]),
        ("a pseudo header in the trailers", [.. Post()], "abc", [(":path", "/echo/hidden")]),
        ("a line break in the trailers", [.. Post()], "abc", [("x", "a\r\n\r\n" + Hidden)]),
        ("cookies in pieces", [.. Post(), ("cookie", "a=1"), ("cookie", "b=2")], "abc", []),
    ];

    [Fact]
    public async Task Requests_that_would_be_others_in_HTTP_1_are_refused_or_made_plain()
    {
        var seen = new List<string>();
        await using var backend = StrictReading.Backend(seen);
        await using var gateway = await TestGateway.ToAsync(backend.Address);
        var problems = new List<string>();
        var passed = 0;
        foreach (var (what, fields, body, trailers) in Corpus)
        {
            lock (seen)
            {
                seen.Clear();
            }

            await SendAsync(gateway.Server.HttpAddress, fields, body, trailers);

            // On a connection of its own, and last: what the backend saw before is all that came of the other.
            Assert.StartsWith("HTTP/1.1 200", await RawClient.SendAsync(gateway.Server.HttpAddress, "GET /echo/last HTTP/1.1\nHost: x\nConnection: close\n\n"));
            lock (seen)
            {
                passed += seen.Count > 1 ? 1 : 0;
                if (seen.Count > 2 || seen.Any(request => request.Contains("ambiguous", StringComparison.Ordinal) || request.Contains("hidden", StringComparison.Ordinal)))
                {
                    problems.Add($"{what}: the backend saw {string.Join(" | ", seen)}");
                }
            }
        }

        Assert.Empty(problems);
        Assert.InRange(passed, 3, 15);
    }

    private static (string Name, string Value)[] Post(string method = "POST", string authority = "x", string path = "/echo/a") =>
        [(":method", method), (":scheme", "http"), (":authority", authority), (":path", path)];

    /// <summary>Sends one request with prior knowledge and waits until its stream or the connection ends.</summary>
    private static async Task SendAsync(Uri address, (string Name, string Value)[] fields, string body, (string Name, string Value)[] trailers)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", address.Port);
        var stream = tcp.GetStream();
        try
        {
            await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
            await stream.WriteAsync(Frame(Http2Connection.Settings, 0, 0, []));
            await stream.WriteAsync(Frame(Http2Connection.Headers, 0x4, 1, Encode(fields)));
            await stream.WriteAsync(Frame(Http2Connection.Data, trailers.Length > 0 ? (byte)0 : (byte)1, 1, Encoding.Latin1.GetBytes(body)));
            if (trailers.Length > 0)
            {
                await stream.WriteAsync(Frame(Http2Connection.Headers, 0x5, 1, Encode(trailers)));
            }

            var head = new byte[9];
            while (true)
            {
                await stream.ReadExactlyAsync(head).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
                await stream.ReadExactlyAsync(new byte[(head[0] << 16) | BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(1))]).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
                var ends = head[3] is Http2Connection.Data or Http2Connection.Headers && (head[4] & 1) != 0;
                if (ends || head[3] is Http2Connection.Reset or Http2Connection.GoAway)
                {
                    return;
                }
            }
        }
        catch (IOException)
        {
            // The gateway ended the connection: a refusal too.
        }
    }

    private static byte[] Frame(byte type, byte flags, byte id, byte[] payload) =>
        [(byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, 0, 0, 0, id, .. payload];

    private static byte[] Encode((string Name, string Value)[] fields) => [.. fields.SelectMany(field => Http2Connection.Literal(field.Name, field.Value))];
}

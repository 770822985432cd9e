using System.Text;
using Postern.Gateway.Forwarding.Http1;

namespace Postern.Gateway.Tests.Forwarding.Http1;

/// <summary>What the gateway takes from a backend for HTTP/1.1, and what it refuses (RFC 9112).</summary>
public sealed class MessageSyntaxTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK", 200, null)]
    [InlineData("HTTP/1.1 200", 200, null)]
    [InlineData("HTTP/1.1 200 ", 200, null)]
    [InlineData("HTTP/1.0 404 Gone fishing", 404, "Gone fishing")]
    [InlineData("HTTP/1.1 599 ", 599, null)]
    public void A_status_line_is_read(string line, int status, string? reason)
    {
        var read = StatusLine.Parse(Encoding.Latin1.GetBytes(line));

        Assert.Equal((status, reason, line.StartsWith("HTTP/1.0", StringComparison.Ordinal)), (read.Status, read.Reason, read.IsHttp10));
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1")]
    [InlineData("HTTP/2.0 200 OK")]
    [InlineData("HTTP/1.1 20 OK")]
    [InlineData("HTTP/1.1 2000 OK")]
    [InlineData("HTTP/1.1 099 OK")]
    [InlineData("HTTP/1.1  200 OK")]
    [InlineData("ICY 200 OK 12345")]
    [InlineData("HTTP/1.1 200 O\rK")]
    public void Another_first_line_is_refused(string line) =>
        Assert.Throws<BrokenMessageException>(() => StatusLine.Parse(Encoding.Latin1.GetBytes(line)));

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nA: 1\r\n\r\nrest", 25)]
    [InlineData("HTTP/1.1 200 OK\nA: 1\n\nrest", 22)]
    [InlineData("HTTP/1.1 200 OK\r\nA: 1\n\r\nrest", 24)]
    public void The_end_of_a_head_is_found_however_the_bytes_come(string text, int end)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        for (var step = 1; step <= 7; step++)
        {
            var scanned = 0;
            var found = 0;
            for (var have = 1; found == 0; have += step)
            {
                found = HeadScanner.FindEnd(bytes.AsSpan(0, Math.Min(have, bytes.Length)), ref scanned);
            }

            Assert.Equal(end, found);
        }
    }

    [Fact]
    public void A_head_without_end_is_refused()
    {
        var scanned = 0;
        var endless = new byte[HeadScanner.Limit];
        endless.AsSpan().Fill((byte)'a');

        Assert.Throws<BrokenMessageException>(() => HeadScanner.FindEnd(endless, ref scanned));
    }

    [Theory]
    [InlineData(" Folded: 1")]
    [InlineData(": 1")]
    [InlineData("No colon")]
    [InlineData("Na me: 1")]
    [InlineData("Name: a\rb")]
    [InlineData("Name: a\0b")]
    [InlineData("N\u00e4me: 1")]
    public void A_line_that_is_no_field_is_refused(string line) => Assert.Throws<BrokenMessageException>(() => Fields(line + "\r\n\r\n"));

    [Fact]
    public void Blanks_around_values_and_before_colons_are_dropped() =>
        Assert.Equal([("A", "1"), ("B", ""), ("C", "x y")], Fields("A \t: \t1 \r\nB:\r\nC:x y\r\n\r\n"));

    [Theory]
    [InlineData("", true, false, "Close", false)]
    [InlineData("Content-Length: 5", true, false, "Length", true)]
    [InlineData("Content-Length: 5, 5", true, false, "Length", true)]
    [InlineData("Content-Length: 0", true, false, "None", true)]
    [InlineData("Content-Length: 5|Connection: close", true, false, "Length", false)]
    [InlineData("Content-Length: 5", true, true, "Length", false)]
    [InlineData("Content-Length: 5|Connection: Keep-Alive", true, true, "Length", true)]
    [InlineData("Transfer-Encoding: chunked", true, false, "Chunked", true)]
    [InlineData("Transfer-Encoding: Chunked", true, false, "Chunked", true)]
    [InlineData("Content-Length: 5", false, false, "None", true)]
    [InlineData("Transfer-Encoding: chunked", false, false, "None", true)]
    public void The_headers_say_how_long_the_body_is(string fields, bool mayHaveBody, bool http10, string end, bool reusable)
    {
        var (was, kept) = Framing(fields).Decide(mayHaveBody, http10);

        Assert.Equal((end, reusable), (was.ToString(), kept));
    }

    [Theory]
    [InlineData("Content-Length: 5|Transfer-Encoding: chunked")]
    [InlineData("Transfer-Encoding: chunked|Content-Length: 5")]
    [InlineData("Transfer-Encoding: gzip, chunked")]
    [InlineData("Transfer-Encoding: chunked|Transfer-Encoding: gzip")]
    [InlineData("Transfer-Encoding: chunked|Transfer-Encoding: chunked")]
    [InlineData("Transfer-Encoding: identity")]
    [InlineData("Content-Length: 5|Content-Length: 6")]
    [InlineData("Content-Length: 5, 6")]
    [InlineData("Content-Length: -1")]
    [InlineData("Content-Length: +1")]
    [InlineData("Content-Length: 0x5")]
    [InlineData("Content-Length:")]
    [InlineData("Content-Length: 99999999999999999999")]
    public void A_body_that_two_readers_could_end_at_two_places_is_refused(string fields) =>
        Assert.Throws<BrokenMessageException>(() => Framing(fields).Decide(true, false));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1aF", 0x1AF)]
    [InlineData("5 ;name=value", 5)]
    [InlineData("00000000000000f", 15)]
    public void A_chunk_size_is_hexadecimal(string line, long size) => Assert.Equal(size, ChunkSize.Parse(Encoding.Latin1.GetBytes(line)));

    [Theory]
    [InlineData("")]
    [InlineData(";x")]
    [InlineData("0x5")]
    [InlineData("-5")]
    [InlineData(" 5")]
    [InlineData("5g")]
    [InlineData("ffffffffffffffff")]
    public void Another_chunk_size_is_refused(string line) => Assert.Throws<BrokenMessageException>(() => ChunkSize.Parse(Encoding.Latin1.GetBytes(line)));

    private static List<(string Name, string Value)> Fields(string text)
    {
        var fields = new List<(string, string)>();
        var lines = new HeadLines(Encoding.Latin1.GetBytes(text));
        while (lines.TryNext(out var name, out var value))
        {
            fields.Add((Encoding.Latin1.GetString(name), Encoding.Latin1.GetString(value)));
        }

        return fields;
    }

    private static BodyFraming Framing(string fields)
    {
        var framing = new BodyFraming();
        foreach (var field in fields.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = field.Split(':', 2);
            framing.See(Encoding.Latin1.GetBytes(parts[0]), Encoding.Latin1.GetBytes(parts[1].Trim()));
        }

        return framing;
    }
}

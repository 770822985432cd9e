using Postern.Gateway.Routing;

namespace Postern.Gateway.Tests.Routing;

public sealed class RequestPathTests
{
    [Theory]
    [InlineData("/a/b", "/a/b")]
    [InlineData("/", "/")]
    [InlineData("/%41%7e", "/A~")]
    [InlineData("/a%2fb", "/a%2Fb")]
    [InlineData("/a%2Fb", "/a%2Fb")]
    [InlineData("/a%5cb", "/a%5Cb")]
    [InlineData("/a\\b", "/a%5Cb")]
    [InlineData("/a/./b", "/a/b")]
    [InlineData("/a/../b", "/b")]
    [InlineData("/a/%2e%2e/b", "/b")]
    [InlineData("/a/%2E./b", "/b")]
    [InlineData("/../../b", "/b")]
    [InlineData("/a/..", "/")]
    [InlineData("/a/b/.", "/a/b/")]
    [InlineData("/a//b", "/a//b")]
    [InlineData("/.well-known/x", "/.well-known/x")]
    [InlineData("/a/...", "/a/...")]
    [InlineData("/caf%c3%a9", "/caf%C3%A9")]
    [InlineData("/%c0%ae%c0%ae/x", "/%C0%AE%C0%AE/x")]
    [InlineData("/a|b\"<>^`{}", "/a%7Cb%22%3C%3E%5E%60%7B%7D")]
    public void Paths_have_one_form(string raw, string canonical) => Assert.Equal(canonical, RequestPath.Normalize(raw));

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("/%")]
    [InlineData("/%4")]
    [InlineData("/%zz")]
    [InlineData("/%00")]
    [InlineData("/a b")]
    [InlineData("/a\tb")]
    [InlineData("/a\r\nb")]
    [InlineData("/\u00e9")]
    [InlineData("/a/..;x=1/b")]
    [InlineData("/a/%2e%2e;/b")]
    [InlineData("/a/.;/b")]
    public void Ambiguous_paths_are_refused(string raw) => Assert.Null(RequestPath.Normalize(raw));

    [Theory]
    [InlineData("/a?b", "/a", "?b")]
    [InlineData("/a", "/a", "")]
    [InlineData("/?", "/", "?")]
    [InlineData("http://host/a?b", "/a", "?b")]
    [InlineData("http://host", "/", "")]
    [InlineData("http://host?x=1", "/", "?x=1")]
    public void Targets_are_cut_into_path_and_query(string target, string path, string query)
    {
        Assert.True(RequestPath.TrySplit(target, out var foundPath, out var foundQuery));
        Assert.Equal(path, foundPath.ToString());
        Assert.Equal(query, foundQuery.ToString());
    }

    [Theory]
    [InlineData("*")]
    [InlineData("host:443")]
    public void Targets_without_a_path_are_no_paths(string target) => Assert.False(RequestPath.TrySplit(target, out _, out _));

    [Fact]
    public void Any_path_normalizes_to_a_canonical_one_that_stays_as_it_is()
    {
        var random = new Random(20260131);
        string[] pieces = ["/", "/", "a", "B", ".", "..", "%2e", "%2E", "%2f", "%", "%4", "%41", "%00", "%25", ";", ";x", "\\", "%5c", "é", " ", "~", "|", "\r", "//", "%c3%a9", "+", "?", "#"];
        var accepted = 0;
        for (var i = 0; i < 200_000; i++)
        {
            var raw = "/" + string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => pieces[random.Next(pieces.Length)]));
            var path = RequestPath.Normalize(raw);
            if (path is null)
            {
                Assert.False(RequestPath.IsCanonical(raw), raw);
                continue;
            }

            accepted++;
            Assert.Equal(path, RequestPath.Normalize(path));
            Assert.StartsWith("/", path);
            Assert.DoesNotContain(path, character => character is <= ' ' or >= '\x7f' or '\\' or '?' or '#');
            Assert.DoesNotContain(path.Split('/'), segment => segment is "." or ".." || segment.StartsWith("..;", StringComparison.Ordinal));
            if (RequestPath.IsCanonical(raw))
            {
                Assert.Equal(raw, path);
            }
        }

        Assert.InRange(accepted, 20_000, 190_000);
    }

    [Theory]
    [InlineData("?a=b&c=%20", "?a=b&c=%20")]
    [InlineData("?a=[1]{x}|y", "?a=[1]{x}|y")]
    [InlineData("?a=b c", "?a=b%20c")]
    [InlineData("?a=b\r\nX: y", "?a=b%0D%0AX:%20y")]
    public void Queries_cannot_end_the_request_line(string query, string clean) => Assert.Equal(clean, RequestPath.CleanQuery(query));
}

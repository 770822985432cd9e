using System.Net;
using Postern.ControlPlane.Import;
using Postern.ControlPlane.Tests.Conformance;
using Postern.Hosting.Tls;

namespace Postern.ControlPlane.Tests.Import;

public sealed class DefinitionLinksTests(DefinitionHost host) : IClassFixture<DefinitionHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("fe80::1")]
    [InlineData("fd00::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("64:ff9b:1::a00:1")]
    [InlineData("2002:a00:1::")]
    [InlineData("2001::1")]
    [InlineData("::10.0.0.1")]
    public void Addresses_of_private_networks_are_not_public(string address) => Assert.False(DefinitionLinks.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("172.32.0.1")]
    [InlineData("2606:4700::1111")]
    public void Other_addresses_are(string address) => Assert.True(DefinitionLinks.IsPublic(IPAddress.Parse(address)));

    [Fact]
    public async Task A_link_to_this_machine_is_refused_unless_private_links_are_allowed()
    {
        using var closed = new DefinitionLinks(TrustedRoots.System, allowPrivate: false);
        using var open = new DefinitionLinks(TrustedRoots.System, allowPrivate: true);
        var link = new Uri(host.Address, "petstore.yaml").AbsoluteUri;

        var (nothing, problem) = await closed.FetchAsync(link, Cancellation);
        var (text, _) = await open.FetchAsync(link, Cancellation);

        Assert.Null(nothing);
        Assert.Contains(ControlPlaneDiagnostics.PrivateLink, problem, StringComparison.Ordinal);
        Assert.Contains("Swagger Petstore", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_to_an_address_that_is_not_allowed_is_not_followed()
    {
        using var links = new DefinitionLinks(TrustedRoots.System, address => address.Equals(IPAddress.Parse("127.0.0.1")));
        var elsewhere = $"http://127.0.0.2:{host.Address.Port}/petstore.yaml";

        var (direct, _) = await links.FetchAsync(new Uri(host.Address, "petstore.yaml").AbsoluteUri, Cancellation);
        var (redirected, problem) = await links.FetchAsync(new Uri(host.Address, $"redirect?to={Uri.EscapeDataString(elsewhere)}").AbsoluteUri, Cancellation);

        Assert.NotNull(direct);
        Assert.Null(redirected);
        Assert.Contains(ControlPlaneDiagnostics.PrivateLink, problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_that_grows_beyond_the_limit_when_unpacked_is_not_read_to_its_end()
    {
        using var links = new DefinitionLinks(TrustedRoots.System, allowPrivate: true);

        var (text, problem) = await links.FetchAsync(new Uri(host.Address, "bomb").AbsoluteUri, Cancellation);

        Assert.Null(text);
        Assert.Contains("could not be fetched", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://example.org/x")]
    [InlineData("https://user:secret@example.org/x")]
    [InlineData("not a link")]
    public async Task Only_plain_web_links_are_followed(string link)
    {
        using var links = new DefinitionLinks(TrustedRoots.System, allowPrivate: true);

        Assert.NotNull((await links.FetchAsync(link, Cancellation)).Problem);
    }
}

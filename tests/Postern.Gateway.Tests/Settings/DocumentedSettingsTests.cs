using System.Text.RegularExpressions;
using Postern.Gateway.Settings;
using Postern.Testing;

namespace Postern.Gateway.Tests.Settings;

public sealed class DocumentedSettingsTests
{
    [Theory]
    [InlineData("docs/caching.md", "cache.")]
    [InlineData("docs/limits.md", "net.server.http.limits.")]
    public void A_document_names_all_settings_of_its_part_and_no_others(string document, string prefix)
    {
        var text = File.ReadAllText(Path.Combine(GeneratedDocument.Root, document));
        var named = Regex.Matches(text, $"`({Regex.Escape(prefix)}[A-Za-z.-]+)`").Select(match => match.Groups[1].Value).ToHashSet();

        Assert.Equal(KnownSettings.All.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(), named.Order());
    }

    [Theory]
    [InlineData("cache.internal.size", "64MiB", true)]
    [InlineData("cache.internal.size", "1024", true)]
    [InlineData("cache.internal.size", "64MB", false)]
    [InlineData("cache.internal.size", "-1", false)]
    [InlineData("cache.internal.size", "99999999999999GiB", false)]
    [InlineData("cache.value.max-size", "65MiB", false)]
    [InlineData("cache.external.timeout", "00:00:00.1", true)]
    [InlineData("cache.external.timeout", "0", false)]
    [InlineData("net.server.http.limits.headers.count", "200", true)]
    [InlineData("net.server.http.limits.headers.count", "1", false)]
    [InlineData("net.server.http.limits.body.rate", "0", true)]
    [InlineData("net.server.http.limits.connections", "many", false)]
    public void A_size_time_or_number_is_read_or_refused_with_its_name(string name, string value, bool accepted)
    {
        var values = new Dictionary<string, string>
        {
            ["config.service.endpoint"] = "https://configuration.example",
            ["config.service.auth"] = "GatewayKey edge&202601010000&c2lnbmF0dXJl",
            [name] = value,
        };
        if (accepted)
        {
            Assert.Empty(GatewaySettings.Read(values).Warnings);
            return;
        }

        Assert.Contains(name, Assert.Throws<GatewaySettingsException>(() => GatewaySettings.Read(values)).Message, StringComparison.Ordinal);
    }
}

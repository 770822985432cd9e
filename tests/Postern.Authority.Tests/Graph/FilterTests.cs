namespace Postern.Authority.Tests.Graph;

public sealed class FilterTests(SharedAuthority shared) : IClassFixture<SharedAuthority>
{
    [Theory]
    [InlineData("servicePrincipalNames/any(c:c eq '44444444-4444-4444-4444-444444444444')", "reader")]
    [InlineData("appId eq '44444444-4444-4444-4444-444444444444'", "reader")]
    [InlineData("displayName eq 'Reader'", "reader")]
    [InlineData("startswith(displayName,'rea')", "reader")]
    [InlineData("startsWith(displayName, 'x')", "")]
    [InlineData("endsWith(displayName, 'x')", null)]
    [InlineData("displayName ne 'operator'", "reader")]
    [InlineData("not (displayName eq 'operator')", "reader")]
    [InlineData("displayName eq 'operator' and appId eq 'x' or displayName eq 'reader'", "reader")]
    [InlineData("displayName eq 'operator' and (appId eq 'x' or displayName eq 'reader')", "")]
    [InlineData("displayName eq 'it''s'", "")]
    [InlineData("unknown eq 'x'", null)]
    [InlineData("displayName eq", null)]
    [InlineData("displayName eq 'x", null)]
    [InlineData("displayName eq 'x' extra", null)]
    [InlineData("((((((((((((((((((((((((((((((((((((((((displayName eq 'x'))))))))))))))))))))))))))))))))))))))))", null)]
    public async Task Filters_find_what_they_should_or_say_what_is_wrong(string filter, string? found)
    {
        var authority = shared.Authority;
        var graph = await authority.GraphAsync(TestAuthority.Reader);

        var (status, body) = await graph.GetAsync($"/servicePrincipals?$filter={Uri.EscapeDataString(filter)}");

        Assert.Equal(found is null ? 400 : 200, status);
        var names = body["value"]?.AsArray().Select(item => item!["displayName"]!.GetValue<string>()) ?? [];
        Assert.Equal(found is null or "" ? [] : [found], names);
    }

    [Fact]
    public async Task An_empty_filter_finds_all_and_each_has_a_name_that_tools_can_show()
    {
        var authority = shared.Authority;
        var graph = await authority.GraphAsync(TestAuthority.Reader);

        var all = (await graph.GetAsync("/servicePrincipals?$filter=")).Body["value"]!.AsArray();

        Assert.Equal(2, all.Count);
        Assert.All(all, item => Assert.NotEmpty(item!["servicePrincipalNames"]!.AsArray()));
    }
}

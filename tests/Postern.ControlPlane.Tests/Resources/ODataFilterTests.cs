using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources;

namespace Postern.ControlPlane.Tests.Resources;

public sealed class ODataFilterTests
{
    private static readonly JsonObject Resource = new()
    {
        ["name"] = "echo",
        ["properties"] = new JsonObject
        {
            ["displayName"] = "Echo API",
            ["isCurrent"] = true,
            ["count"] = 3,
            ["created"] = "2026-01-02T03:04:05Z",
            ["tags"] = new JsonArray("red", "blue"),
        },
    };

    [Theory]
    [InlineData("name eq 'ECHO'", true)]
    [InlineData("name ne 'echo'", false)]
    [InlineData("displayName eq 'Echo API' and isCurrent eq true", true)]
    [InlineData("properties/displayName eq 'Echo API'", true)]
    [InlineData("not endswith(properties/displayName, 'API')", false)]
    [InlineData("not endswith(properties/displayName, 'x') and isCurrent eq true", true)]
    [InlineData("isCurrent eq false or startswith(name,'ec')", true)]
    [InlineData("(isCurrent eq false or startswith(name,'ec')) and count gt 2", true)]
    [InlineData("count le 2", false)]
    [InlineData("substringof('cho', name)", true)]
    [InlineData("contains(Name,'cho') eq true", true)]
    [InlineData("created ge 2026-01-01T00:00:00Z", true)]
    [InlineData("created lt 2026-01-01T00:00:00Z", false)]
    [InlineData("tags/any(t: t eq 'red')", true)]
    [InlineData("tags/all(t: t eq 'red')", false)]
    [InlineData("missing eq null", true)]
    [InlineData("name eq 'it''s'", false)]
    public void A_filter_selects_as_it_says(string text, bool expected)
    {
        Assert.True(ODataFilter.TryParse(text, out var filter, out var problem), problem);

        Assert.Equal(expected, filter!.Matches(Resource));
    }
}

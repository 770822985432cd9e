using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Tests.Resources;

/// <summary>What lists show of tags, and how they are limited by them.</summary>
public class TagTests(RunningControlPlane plane)
{
    [Fact]
    public async Task Lists_of_APIs_operations_and_products_are_limited_to_a_tag_and_show_the_tags()
    {
        var service = await TaggedServiceAsync();
        foreach (var (collection, tagged) in ((string, string)[])[("apis", "one"), ("apis/one/operations", "get"), ("products", "gold")])
        {
            foreach (var tags in (string[])["red", "RED%20things", "blue,red"])
            {
                var (_, list) = await plane.GetAsync($"{service}/{collection}?tags={tags}");
                Assert.Equal([tagged], ArmProtocolTests.Names(list));
                Assert.Equal(1, (int)list["count"]!);
                var shown = list["value"]![0]!["properties"]!["tags"]![0]!;
                Assert.Equal(($"{service}/tags/red", "Red things"), ((string?)shown["id"], (string?)shown["name"]));
            }

            var all = (await plane.GetAsync($"{service}/{collection}?tags=true")).Body;
            Assert.Equal(2, (int)all["count"]!);
            Assert.Equal([0, 1], all["value"]!.AsArray().Select(item => item!["properties"]!["tags"]!.AsArray().Count).Order());
            Assert.Equal(0, (int)(await plane.GetAsync($"{service}/{collection}?tags=blue")).Body["count"]!);
            Assert.Equal(0, (int)(await plane.GetAsync($"{service}/{collection}?tags=unknown")).Body["count"]!);
            Assert.Null((await plane.GetAsync($"{service}/{collection}")).Body["value"]![0]!["properties"]!["tags"]);
        }

        Assert.Equal(0, (int)(await plane.GetAsync($"{service}/apis?tags=red&$filter=displayName%20eq%20'two'")).Body["count"]!);
    }

    [Fact]
    public async Task Tags_that_an_answer_showed_are_not_stored_when_they_come_back()
    {
        var service = await TaggedServiceAsync();
        var shown = (JsonObject)(await plane.GetAsync($"{service}/apis?tags=red")).Body["value"]![0]!;

        await plane.PutAsync($"{service}/apis/one", (JsonObject)shown.DeepClone());

        Assert.Null((await plane.GetAsync($"{service}/apis/one")).Body["properties"]!["tags"]);
    }

    [Theory]
    [InlineData("apisByTags", "includeNotTaggedApis", "api", "one", "two")]
    [InlineData("apis/one/operationsByTags", "includeNotTaggedOperations", "operation", "get", "put")]
    [InlineData("productsByTags", "includeNotTaggedProducts", "product", "gold", "silver")]
    public async Task Lists_by_tags_show_what_has_none_when_asked(string list, string parameter, string member, string tagged, string untagged)
    {
        var service = await TaggedServiceAsync();

        var (_, alone) = await plane.GetAsync($"{service}/{list}");
        var (_, both) = await plane.GetAsync($"{service}/{list}?{parameter}=true");
        var (_, named) = await plane.GetAsync($"{service}/{list}?{parameter}=true&$filter=contains({member}/name,'{untagged}')");
        var (_, bare) = await plane.GetAsync($"{service}/{list}?{parameter}=true&$filter=name%20eq%20'{tagged}'");
        var (_, first) = await plane.GetAsync($"{service}/{list}?{parameter}=true&$top=1");

        Assert.Equal(1, (int)alone["count"]!);
        Assert.Equal(("Red things", tagged), ((string?)alone["value"]![0]!["tag"]!["name"], (string?)alone["value"]![0]![member]!["name"]));
        Assert.Equal(2, (int)both["count"]!);
        Assert.Null(both["value"]![1]!["tag"]);
        Assert.Equal(untagged, (string?)both["value"]![1]![member]!["name"]);
        Assert.Equal(untagged, (string?)Assert.Single(named["value"]!.AsArray())![member]!["name"]);
        Assert.Equal(tagged, (string?)Assert.Single(bare["value"]!.AsArray())![member]!["name"]);
        Assert.EndsWith("$skip=1", (string?)first["nextLink"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_that_has_a_tag_is_one_list_with_the_API_of_each_operation()
    {
        var service = await TaggedServiceAsync();

        var (_, list) = await plane.GetAsync($"{service}/tagResources");
        var operation = list["value"]!.AsArray().Single(item => item!["operation"] is not null)!["operation"]!;
        var (_, byTag) = await plane.GetAsync($"{service}/tagResources?$filter=tag/name%20eq%20'Red%20things'%20and%20apiName%20eq%20'one'");

        Assert.Equal(3, (int)list["count"]!);
        Assert.Equal(("get", "one", "1", "GET", "/get"), ((string?)operation["name"], (string?)operation["apiName"], (string?)operation["apiRevision"],
            (string?)operation["method"], (string?)operation["urlTemplate"]));
        Assert.Equal(1, (int)byTag["count"]!);
    }

    [Theory]
    [InlineData("apis", 1)]
    [InlineData("apis/one", 1)]
    [InlineData("apis/two", 0)]
    [InlineData("products", 1)]
    [InlineData("products/silver", 0)]
    public async Task Tags_are_listed_by_where_they_are_used(string scope, int count)
    {
        var service = await TaggedServiceAsync();

        Assert.Equal(count, (int)(await plane.GetAsync($"{service}/tags?scope={scope}")).Body["count"]!);
        Assert.Equal(2, (int)(await plane.GetAsync($"{service}/tags")).Body["count"]!);
    }

    [Fact]
    public async Task Products_show_their_groups_when_asked()
    {
        var service = await TaggedServiceAsync();
        await plane.PutAsync($"{service}/products/gold/groups/developers", []);

        var (_, list) = await plane.GetAsync($"{service}/products?expandGroups=true&$filter=name%20eq%20'gold'");
        var groups = list["value"]![0]!["properties"]!["groups"]!.AsArray();

        Assert.Equal([$"{service}/groups/administrators", $"{service}/groups/developers"], groups.Select(group => (string?)group!["id"]));
        Assert.Equal("Developers", (string?)groups[1]!["displayName"]);
        Assert.Null((await plane.GetAsync($"{service}/products")).Body["value"]![0]!["properties"]!["groups"]);
        await plane.PutAsync($"{service}/products/gold", (JsonObject)list["value"]![0]!.DeepClone());
        Assert.Null((await plane.GetAsync($"{service}/products/gold")).Body["properties"]!["groups"]);
    }

    /// <summary>Two of each, one of them with the tag.</summary>
    private async Task<string> TaggedServiceAsync()
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/tags/red", new() { ["displayName"] = "Red things" });
        await plane.PutPropertiesAsync($"{service}/tags/blue", new() { ["displayName"] = "Blue" });
        await plane.PutPropertiesAsync($"{service}/apis/one", KindTests.Api("one"));
        await plane.PutPropertiesAsync($"{service}/apis/two", KindTests.Api("two"));
        await plane.PutPropertiesAsync($"{service}/apis/one/operations/get", KindTests.Operation("get"));
        await plane.PutPropertiesAsync($"{service}/apis/one/operations/put", KindTests.Operation("put"));
        await plane.PutPropertiesAsync($"{service}/products/gold", new() { ["displayName"] = "gold" });
        await plane.PutPropertiesAsync($"{service}/products/silver", new() { ["displayName"] = "silver" });
        foreach (var target in (string[])["apis/one", "apis/one/operations/get", "products/gold"])
        {
            Assert.Equal(201, (await plane.PutAsync($"{service}/{target}/tags/red", [])).Status);
        }

        return service;
    }
}

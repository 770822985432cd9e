using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Tests.Resources;

/// <summary>Lists of resources whatever their type, as generic clients ask for them.</summary>
public sealed class ResourceListingTests(RunningControlPlane plane)
{
    private const string Subscription = $"/subscriptions/{RunningControlPlane.SubscriptionId}";

    [Fact]
    public async Task A_groups_resources_are_listed_by_type_with_what_the_caller_expands()
    {
        var service = await plane.CreateServiceAsync();

        var (status, body) = await GetAsync(
            $"{RunningControlPlane.Group}/resources?$filter=resourceType eq 'Microsoft.ApiManagement/service'&$expand=createdTime,changedTime,provisioningState");

        Assert.Equal(200, status);
        var item = Assert.Single(body["value"]!.AsArray(), item => item!["id"]!.GetValue<string>() == service)!;
        Assert.Equal("Microsoft.ApiManagement/service", item["type"]!.GetValue<string>());
        Assert.Equal("Succeeded", item["provisioningState"]!.GetValue<string>());
        Assert.True(DateTimeOffset.TryParse(item["createdTime"]!.GetValue<string>(), out _));
        Assert.True(DateTimeOffset.TryParse(item["changedTime"]!.GetValue<string>(), out _));
    }

    [Fact]
    public async Task Another_groups_resources_are_not_among_them()
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutAsync($"{Subscription}/resourceGroups/empty-group", new() { ["location"] = "local" }, "2021-04-01");

        Assert.Empty((await GetAsync($"{Subscription}/resourceGroups/empty-group/resources")).Body["value"]!.AsArray());
        var all = (await GetAsync($"{Subscription}/resources?$filter=resourceGroup eq 'rg1'")).Body["value"]!.AsArray();
        Assert.Contains(service, all.Select(item => item!["id"]!.GetValue<string>()));
        Assert.Empty((await GetAsync($"{Subscription}/resources?$filter=resourceGroup eq 'empty-group'")).Body["value"]!.AsArray());
    }

    [Theory]
    [InlineData("resourceGroups/nowhere/resources", 404, "ResourceGroupNotFound")]
    [InlineData("resources?$filter=resourceType eq", 400, "BadRequest")]
    [InlineData("resources?$top=0", 400, "BadRequest")]
    public async Task Wrong_questions_are_refused(string path, int status, string code)
    {
        var answer = await GetAsync($"{Subscription}/{path}");

        Assert.Equal((status, code), (answer.Status, answer.Body["error"]!["code"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Who_has_no_role_lists_nothing()
    {
        using var answer = await plane.Nobody.GetAsync($"{RunningControlPlane.Group}/resources?api-version=2022-09-01", TestContext.Current.CancellationToken);

        Assert.Equal(System.Net.HttpStatusCode.Forbidden, answer.StatusCode);
    }

    private Task<(int Status, JsonObject Body)> GetAsync(string path) => plane.SendAsync(HttpMethod.Get, path, version: "2022-09-01");
}

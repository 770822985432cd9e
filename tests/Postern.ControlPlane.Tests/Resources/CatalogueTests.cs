using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Tests.Resources;

/// <summary>What tools ask to find out what there is: policies, operations for roles, providers, and lists that show what the caller may read.</summary>
public sealed class CatalogueTests(RunningControlPlane plane)
{
    private const string Subscription = $"/subscriptions/{RunningControlPlane.SubscriptionId}";
    private const string Reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

    private const string Version = "2022-04-01";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Policy_descriptions_say_where_a_policy_may_stand()
    {
        var service = await plane.CreateServiceAsync();

        var all = (await plane.GetAsync($"{service}/policyDescriptions")).Body;
        var global = (await plane.GetAsync($"{service}/policyDescriptions?scope=Tenant")).Body;
        var (status, refused) = await plane.GetAsync($"{service}/policyDescriptions?scope=Planet");

        var byName = all["value"]!.AsArray().ToDictionary(item => (string)item!["name"]!, item => item!["properties"]!);
        Assert.Equal(15, (int)byName["set-header"]["scope"]!);
        Assert.Equal(2 + 4 + 8, (int)byName["rate-limit"]["scope"]!);
        Assert.NotEqual("", (string)byName["rate-limit"]["description"]!);
        Assert.Equal(byName.Count, (int)all["count"]!);
        Assert.DoesNotContain(global["value"]!.AsArray(), item => (string)item!["name"]! == "rate-limit");
        Assert.Contains(global["value"]!.AsArray(), item => (string)item!["name"]! == "set-header");
        Assert.Equal((400, "scope"), (status, (string)refused["error"]!["target"]!));
    }

    [Fact]
    public async Task Fragments_are_listed_in_the_order_asked_for()
    {
        var service = await plane.CreateServiceAsync();
        foreach (var (name, description) in ((string, string)[])[("a", "two"), ("b", "One"), ("c", "two")])
        {
            await plane.PutPropertiesAsync($"{service}/policyFragments/{name}", new() { ["value"] = "<fragment />", ["description"] = description });
        }

        Assert.Equal(["c", "b", "a"], await NamesAsync($"{service}/policyFragments?$orderby=name desc"));
        Assert.Equal(["b", "c", "a"], await NamesAsync($"{service}/policyFragments?$orderby=properties/description asc,name desc"));
        Assert.Equal(["c"], await NamesAsync($"{service}/policyFragments?$orderby=name desc&$filter=description eq 'two'&$top=1"));
        Assert.Equal(400, (await plane.GetAsync($"{service}/policyFragments?$orderby=name sideways")).Status);
    }

    [Fact]
    public async Task Operations_for_roles_are_those_that_calls_are_judged_by()
    {
        var all = (await plane.SendAsync(HttpMethod.Get, "/providers/Microsoft.Authorization/providerOperations?$expand=resourceTypes", version: Version)).Body;
        var one = (await plane.SendAsync(HttpMethod.Get, "/providers/Microsoft.Authorization/providerOperations/microsoft.apimanagement?$expand=resourceTypes", version: Version)).Body;
        var unknown = await plane.SendAsync(HttpMethod.Get, "/providers/Microsoft.Authorization/providerOperations/Contoso.Things", version: Version);

        Assert.Equal(["Microsoft.ApiManagement", "Microsoft.Authorization", "Microsoft.Resources"], all["value"]!.AsArray().Select(item => (string)item!["name"]!));
        var operations = one["resourceTypes"]!.AsArray().SelectMany(type => type!["operations"]!.AsArray()).ToDictionary(item => (string)item!["name"]!, item => (bool)item!["isDataAction"]!);
        Assert.False(operations["Microsoft.ApiManagement/service/apis/write"]);
        Assert.False(operations["Microsoft.ApiManagement/service/gateways/listKeys/action"]);
        Assert.True(operations["Microsoft.ApiManagement/service/gateways/getConfiguration/action"]);
        Assert.Equal((404, "InvalidResourceNamespace"), (unknown.Status, (string)unknown.Body["error"]!["code"]!));
        var flat = (await plane.GetAsync("/providers/Microsoft.ApiManagement/operations")).Body;
        Assert.Equal(operations.Count, flat["value"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("/providers/Microsoft.Authorization")]
    [InlineData($"{Subscription}/providers/Microsoft.Authorization")]
    [InlineData($"{Subscription}/providers/microsoft.apimanagement")]
    public async Task A_provider_shows_its_types(string path)
    {
        var (status, body) = await plane.SendAsync(HttpMethod.Get, path, version: "2021-04-01");

        Assert.Equal(200, status);
        Assert.NotEmpty(body["resourceTypes"]!.AsArray());
    }

    [Fact]
    public async Task Lists_above_services_show_a_principal_what_it_may_read()
    {
        var mine = await plane.CreateServiceAsync();
        var other = await plane.CreateServiceAsync();
        Assert.Empty((await GuestAsync("/subscriptions", "2022-12-01"))["value"]!.AsArray());
        Assert.Equal("AuthorizationFailed", (string)(await GuestAsync($"{Subscription}/providers/Microsoft.ApiManagement/service"))["error"]!["code"]!);

        var assignment = $"{mine}/providers/Microsoft.Authorization/roleAssignments/{Guid.NewGuid()}";
        await plane.SendAsync(
            HttpMethod.Put,
            assignment,
            new()
            {
                ["properties"] = new JsonObject
                {
                    ["roleDefinitionId"] = $"/providers/Microsoft.Authorization/roleDefinitions/{Reader}",
                    ["principalId"] = RunningControlPlane.GuestObject,
                    ["principalType"] = "ServicePrincipal",
                },
            },
            version: "2022-04-01");
        try
        {
            Assert.Equal([Subscription], await GuestIdsAsync("/subscriptions", "2022-12-01"));
            Assert.Equal(Subscription, (string)(await GuestAsync(Subscription, "2022-12-01"))["id"]!);
            Assert.Equal([mine], await GuestIdsAsync($"{Subscription}/providers/Microsoft.ApiManagement/service"));
            Assert.Equal([mine], await GuestIdsAsync($"{RunningControlPlane.Group}/providers/Microsoft.ApiManagement/service"));
            Assert.Equal([mine], await GuestIdsAsync($"{Subscription}/resources", "2021-04-01"));
            Assert.Equal([mine], await GuestIdsAsync($"{RunningControlPlane.Group}/resources", "2021-04-01"));
            Assert.Empty(await GuestIdsAsync($"{Subscription}/resourcegroups", "2021-04-01"));
            Assert.Equal("AuthorizationFailed", (string)(await GuestAsync(other))["error"]!["code"]!);
        }
        finally
        {
            await plane.SendAsync(HttpMethod.Delete, assignment, version: "2022-04-01");
        }
    }

    [Fact]
    public async Task Only_failed_key_vault_references_are_listed_when_asked_for()
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/namedValues/plain", new() { ["displayName"] = "plain", ["value"] = "x" });
        await plane.PutPropertiesAsync(
            $"{service}/namedValues/vault", new() { ["displayName"] = "vault", ["keyVault"] = new JsonObject { ["secretIdentifier"] = "https://contoso.vault.azure.net/secrets/s" } });

        Assert.Equal(["vault"], await NamesAsync($"{service}/namedValues?isKeyVaultRefreshFailed=true"));
        Assert.Equal(["plain", "vault"], await NamesAsync($"{service}/namedValues?isKeyVaultRefreshFailed=false"));
    }

    private async Task<IEnumerable<string>> NamesAsync(string path) => (await plane.GetAsync(path)).Body["value"]!.AsArray().Select(item => (string)item!["name"]!);

    private async Task<IEnumerable<string>> GuestIdsAsync(string path, string version = RunningControlPlane.ApiVersion) =>
        (await GuestAsync(path, version))["value"]!.AsArray().Select(item => (string)item!["id"]!);

    private async Task<JsonObject> GuestAsync(string path, string version = RunningControlPlane.ApiVersion)
    {
        using var response = await plane.Guest.GetAsync($"{path}?api-version={version}", Cancellation);
        Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Forbidden);
        return (await response.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!;
    }
}

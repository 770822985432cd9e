using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources.DeletedServices;
using Postern.ControlPlane.Store;
using Postern.Hosting;
using Postern.Snapshots;
using Postern.Testing;

namespace Postern.ControlPlane.Tests.Resources;

/// <summary>A deleted service is gone for everybody, comes back whole, or goes for good.</summary>
public class DeletedServiceTests(RunningControlPlane plane)
{
    private const string Subscription = $"/subscriptions/{RunningControlPlane.SubscriptionId}";
    private const string Deleted = $"{Subscription}/providers/Microsoft.ApiManagement/locations/local/deletedservices";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deleted_service_is_listed_with_its_dates_and_found_nowhere_else()
    {
        var (service, name) = await FilledServiceAsync();
        var before = TimeProvider.System.GetUtcNow();

        Assert.Equal(200, (await plane.SendAsync(HttpMethod.Delete, service)).Status);

        Assert.Equal(404, (await plane.GetAsync(service)).Status);
        Assert.Equal(404, (await plane.GetAsync($"{service}/apis/echo")).Status);
        Assert.DoesNotContain(name, Names(await plane.GetAsync($"{Subscription}/providers/Microsoft.ApiManagement/service")));
        Assert.Equal(204, (await plane.SendAsync(HttpMethod.Delete, service)).Status);
        var (status, shown) = await plane.GetAsync($"{Deleted}/{name}");
        Assert.Equal(200, status);
        Assert.Equal(($"{Deleted}/{name}", name, "Microsoft.ApiManagement/deletedservices", "local", service),
            ((string?)shown["id"], (string?)shown["name"], (string?)shown["type"], (string?)shown["location"], (string?)shown["properties"]!["serviceId"]));
        Assert.Null(shown["identity"]);
        var deletion = DateTimeOffset.Parse((string)shown["properties"]!["deletionDate"]!, System.Globalization.CultureInfo.InvariantCulture);
        var purge = DateTimeOffset.Parse((string)shown["properties"]!["scheduledPurgeDate"]!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(deletion, before.AddSeconds(-1), TimeProvider.System.GetUtcNow().AddSeconds(1));
        Assert.Equal(TimeSpan.FromHours(48), purge - deletion);
        Assert.Contains(name, Names(await plane.GetAsync($"{Subscription}/providers/Microsoft.ApiManagement/deletedservices")));
        Assert.Contains(name, Names(await plane.GetAsync(Deleted.Replace("local", "LOCAL", StringComparison.Ordinal))));
        Assert.DoesNotContain(name, Names(await plane.GetAsync(Deleted.Replace("local", "westus", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task The_name_of_a_deleted_service_is_taken()
    {
        var (service, name) = await FilledServiceAsync();
        await plane.SendAsync(HttpMethod.Delete, service);

        var (status, body) = await PutServiceAsync(service);
        var (_, check) = await plane.SendAsync(HttpMethod.Post, $"{Subscription}/providers/Microsoft.ApiManagement/checkNameAvailability", new() { ["name"] = name });

        Assert.Equal((409, "ServiceAlreadyExistsInSoftDeletedState"), (status, (string?)body["error"]!["code"]));
        Assert.Equal((false, "AlreadyExists"), ((bool)check["nameAvailable"]!, (string?)check["reason"]));
    }

    [Fact]
    public async Task A_restored_service_is_what_it_was_with_its_secrets_roles_identity_and_gateways()
    {
        var (service, name) = await FilledServiceAsync();
        var (_, before) = await plane.GetAsync(service);
        var (_, keys) = await plane.SendAsync(HttpMethod.Post, $"{service}/subscriptions/master/listSecrets");
        var token = await TokenAsync(service);
        Assert.Equal(200, (await SnapshotAsync(name, token)).Status);

        await plane.SendAsync(HttpMethod.Delete, service);
        Assert.Contains((await SnapshotAsync(name, token)).Status, (int[])[401, 404]); // With another service alone there, it is asked whose token this is.
        Assert.True(await IdentityExistsAsync(before));

        var (status, restored) = await plane.PutAsync(service, new() { ["location"] = "elsewhere", ["properties"] = new JsonObject { ["restore"] = true, ["publisherName"] = "ignored" } });

        Assert.Equal((201, "Contoso", "Succeeded"), (status, (string?)restored["properties"]!["publisherName"], (string?)restored["properties"]!["provisioningState"]));
        var (_, after) = await plane.GetAsync(service);
        Assert.Equal(before["properties"]!.ToJsonString(), after["properties"]!.ToJsonString());
        Assert.Equal(before["identity"]!.ToJsonString(), after["identity"]!.ToJsonString());
        Assert.Equal((string?)before["systemData"]!["createdAt"], (string?)after["systemData"]!["createdAt"]);
        Assert.Equal(keys.ToJsonString(), (await plane.SendAsync(HttpMethod.Post, $"{service}/subscriptions/master/listSecrets")).Body.ToJsonString());
        Assert.Equal("hush", (string?)(await plane.SendAsync(HttpMethod.Post, $"{service}/namedValues/secret/listValue")).Body["value"]);
        Assert.Equal(600, (int)(await plane.GetAsync($"{service}/tags?$top=1")).Body["count"]!);
        Assert.Equal(1, (int)(await plane.GetAsync($"{service}/apis?$filter=path%20eq%20'echo'")).Body["count"]!);
        Assert.Single((await plane.SendAsync(HttpMethod.Get, $"{service}/providers/Microsoft.Authorization/roleAssignments?$filter=atScope()", version: "2022-04-01")).Body["value"]!.AsArray(),
            role => (string?)role!["properties"]!["scope"] == service);
        Assert.Equal(200, (await SnapshotAsync(name, token)).Status);
        Assert.Equal(400, (await plane.PutAsync($"{service}/apis/other", new() { ["properties"] = KindTests.Api("echo") })).Status);
        Assert.Equal(404, (await plane.GetAsync($"{Deleted}/{name}")).Status);
        Assert.Empty(await plane.Store.ListBelowAsync($"{Deleted}/{name}", Cancellation));
    }

    [Fact]
    public async Task Only_what_was_deleted_is_restored_and_only_where_it_was()
    {
        var (service, name) = await FilledServiceAsync();
        var other = $"{Subscription}/resourceGroups/rg-of-{name}/providers/Microsoft.ApiManagement/service/{name}";
        await plane.PutAsync($"{Subscription}/resourceGroups/rg-of-{name}", new() { ["location"] = "local" }, "2021-04-01");
        JsonObject Restore() => new() { ["properties"] = new JsonObject { ["restore"] = true } };

        var (unknown, error) = await plane.PutAsync($"{service}-never", Restore());
        await plane.SendAsync(HttpMethod.Delete, service);
        var (elsewhere, _) = await plane.PutAsync(other, Restore());

        Assert.Equal((404, "ServiceNotFound", 409), (unknown, (string?)error["error"]!["code"], elsewhere));
        Assert.Equal(201, (await plane.PutAsync(service, Restore())).Status);
    }

    [Fact]
    public async Task A_purge_leaves_nothing_behind()
    {
        var (service, name) = await FilledServiceAsync();
        var (_, before) = await plane.GetAsync(service);
        await plane.PostAsGatewayAsync(service, Gateway(name), "heartbeat", Heartbeat(), SnapshotJson.Default.Heartbeat);
        Assert.Single((await plane.GetAsync($"{service}/gateways/{Gateway(name)}/instances")).Body["value"]!.AsArray());
        await plane.SendAsync(HttpMethod.Delete, service);
        Assert.NotEmpty(await plane.Store.ListBelowAsync($"{Deleted}/{name}", Cancellation));

        using var accepted = await RespondAsync(HttpMethod.Delete, $"{Deleted}/{name}");
        var status = accepted.Headers.GetValues("Azure-AsyncOperation").Single();
        await Until.TrueAsync("the purge ends", async () => (string)(await plane.GetAsync(new Uri(status).PathAndQuery.Split('?')[0])).Body["status"]! == "Succeeded");

        Assert.Equal(System.Net.HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Contains("/locations/local/operationStatuses/", status, StringComparison.Ordinal);
        using var result = await plane.Owner.GetAsync(accepted.Headers.Location, Cancellation);
        Assert.Equal(System.Net.HttpStatusCode.OK, result.StatusCode);
        Assert.Equal(404, (await plane.GetAsync($"{Deleted}/{name}")).Status);
        Assert.Equal(204, (await plane.SendAsync(HttpMethod.Delete, $"{Deleted}/{name}")).Status);
        Assert.Empty(await plane.Store.ListBelowAsync($"{Deleted}/{name}", Cancellation));
        Assert.Empty(await plane.Store.ListBelowAsync(service, Cancellation));
        Assert.False(await IdentityExistsAsync(before));
        Assert.Equal(404, (await plane.PutAsync(service, new() { ["properties"] = new JsonObject { ["restore"] = true } })).Status);

        Assert.Equal(201, (await PutServiceAsync(service)).Status);
        await plane.PutPropertiesAsync($"{service}/gateways/{Gateway(name)}", new() { ["locationData"] = new JsonObject { ["name"] = "here" } });
        Assert.Empty((await plane.GetAsync($"{service}/gateways/{Gateway(name)}/instances")).Body["value"]!.AsArray());
    }

    [Fact]
    public async Task The_right_to_delete_a_service_is_not_the_right_to_purge_it()
    {
        var (service, name) = await FilledServiceAsync();

        var deleted = await plane.Operator.DeleteAsync($"{service}?api-version={RunningControlPlane.ApiVersion}", Cancellation);
        var purge = await plane.Operator.DeleteAsync($"{Deleted}/{name}?api-version={RunningControlPlane.ApiVersion}", Cancellation);
        var look = await plane.Operator.GetAsync($"{Deleted}/{name}?api-version={RunningControlPlane.ApiVersion}", Cancellation);

        Assert.Equal((200, 403, 403), ((int)deleted.StatusCode, (int)purge.StatusCode, (int)look.StatusCode));
        Assert.Contains("'Microsoft.ApiManagement/locations/deletedservices/delete'", await purge.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(200, (await plane.GetAsync($"{Deleted}/{name}")).Status);
    }

    [Fact]
    public async Task Old_versions_delete_for_good()
    {
        var (service, name) = await FilledServiceAsync();

        await plane.SendAsync(HttpMethod.Delete, service, version: RunningControlPlane.BeforeSoftDelete);

        Assert.Equal(404, (await plane.GetAsync($"{Deleted}/{name}")).Status);
        Assert.Equal(201, (await PutServiceAsync(service)).Status);
    }

    [Fact]
    public async Task What_nobody_restores_is_purged_when_its_time_has_come()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime(TimeProvider.System.GetUtcNow());
        await using var server = await ControlPlaneServer.StartAsync(
            plane.Options with { Store = StoreOptions.Sqlite(folder.In("store.db")), KeyFile = folder.In("store.key"), Listen = ListenAddress.Loopback(), Time = time }, Cancellation);
        using var http = new HttpClient(plane.Options.Roots.CreateHandler()) { BaseAddress = server.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", await plane.TokenAsync(RunningControlPlane.OwnerClient, RunningControlPlane.OwnerSecret, "https://management.azure.com/.default"));
        var service = $"{RunningControlPlane.Group}/providers/Microsoft.ApiManagement/service/late";
        await SendAsync(HttpMethod.Put, RunningControlPlane.Group, new() { ["location"] = "local" }, "2021-04-01");
        await SendAsync(HttpMethod.Put, service, Service());
        await SendAsync(HttpMethod.Delete, service, null);

        time.Advance(TimeSpan.FromHours(47));
        Assert.Single(await server.Store.ListAsync("", SoftDelete.TypeName, 0, null, Cancellation));
        time.Advance(TimeSpan.FromHours(2));
        await Until.TrueAsync("the service is purged", async () => Advanced(time) && (await server.Store.ListAsync("", SoftDelete.TypeName, 0, null, Cancellation)).Count == 0);
        Assert.Empty(await server.Store.ListAsync("", KeptRows.Type, 0, null, Cancellation));

        async Task SendAsync(HttpMethod method, string path, JsonObject? body, string version = RunningControlPlane.ApiVersion)
        {
            using var request = new HttpRequestMessage(method, $"{path}?api-version={version}") { Content = body is null ? null : JsonContent.Create(body) };
            using var response = await http.SendAsync(request, Cancellation);
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancellation));
        }
    }

    /// <summary>Whoever waits for the next look gets there.</summary>
    private static bool Advanced(ManualTime time)
    {
        time.Advance(TimeSpan.FromMinutes(5));
        return true;
    }

    private static string Gateway(string service) => $"gw-{service}";

    private static IEnumerable<string?> Names((int Status, JsonObject Body) list) => ArmProtocolTests.Names(list.Body);

    private static JsonObject Service() => new()
    {
        ["location"] = "local",
        ["sku"] = new JsonObject { ["name"] = "Developer", ["capacity"] = 1 },
        ["identity"] = new JsonObject { ["type"] = "SystemAssigned" },
        ["properties"] = new JsonObject { ["publisherEmail"] = "a@b.example", ["publisherName"] = "Contoso" },
    };

    private static Heartbeat Heartbeat() => new("one", "host", "1", 1, 1, null, null, new Dictionary<string, string>());

    private Task<(int Status, JsonObject Body)> PutServiceAsync(string service) => plane.PutAsync(service, Service());

    /// <summary>More rows than are kept together, secrets, a gateway, a role.</summary>
    private async Task<(string Id, string Name)> FilledServiceAsync()
    {
        var service = await plane.CreateServiceAsync();
        var name = ResourceIds.NameOf(service);
        Assert.Equal(200, (await PutServiceAsync(service)).Status);
        await plane.PutPropertiesAsync($"{service}/apis/echo", KindTests.Api("echo"));
        await plane.PutPropertiesAsync($"{service}/namedValues/secret", new() { ["displayName"] = "secret", ["secret"] = true, ["value"] = "hush" });
        await plane.PutPropertiesAsync($"{service}/gateways/{Gateway(name)}", new() { ["locationData"] = new JsonObject { ["name"] = "here" } });
        await plane.PutAsync($"{service}/gateways/{Gateway(name)}/apis/echo", []);
        await GrantAsync(service, RunningControlPlane.OperatorObject);
        await plane.Store.WriteAsync(
            [.. Enumerable.Range(0, 600).Select(i => new ResourceWrite($"{service}/tags/t{i}", "Microsoft.ApiManagement/service/tags", new JsonObject { ["properties"] = new JsonObject { ["displayName"] = $"t{i}" } }.ToJsonString(), "test"))],
            Cancellation);
        return (service, name);
    }

    /// <summary>The built-in role that manages services.</summary>
    private async Task GrantAsync(string service, string principal)
    {
        const string Contributor = "/providers/Microsoft.Authorization/roleDefinitions/312a565d-c81f-4fd8-895a-4e21e48d571c";
        var (status, body) = await plane.PutAsync($"{service}/providers/Microsoft.Authorization/roleAssignments/{Guid.NewGuid()}", new()
        {
            ["properties"] = new JsonObject { ["roleDefinitionId"] = Contributor, ["principalId"] = principal, ["principalType"] = "ServicePrincipal" },
        }, "2022-04-01");
        Assert.True(status is 201 or 409, body.ToJsonString());
    }

    private async Task<string> TokenAsync(string service)
    {
        var (_, token) = await plane.SendAsync(
            HttpMethod.Post, $"{service}/gateways/{Gateway(ResourceIds.NameOf(service))}/generateToken",
            new() { ["keyType"] = "primary", ["expiry"] = TimeProvider.System.GetUtcNow().AddDays(1).ToString("O") });
        return $"GatewayKey {token["value"]}";
    }

    private async Task<(int Status, string Text)> SnapshotAsync(string service, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(plane.Address) { Path = $"/gateways/{Gateway(service)}/snapshot" }.Uri);
        request.Headers.Host = $"{service}.configuration.example:{plane.Address.Port}";
        request.Headers.TryAddWithoutValidation("Authorization", token);
        using var response = await plane.Anonymous.SendAsync(request, Cancellation);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }

    private async Task<HttpResponseMessage> RespondAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, $"{path}?api-version={RunningControlPlane.ApiVersion}");
        request.Headers.Add("Prefer", "respond-async");
        return await plane.Owner.SendAsync(request, Cancellation);
    }

    private async Task<bool> IdentityExistsAsync(JsonObject service)
    {
        using var http = new HttpClient(plane.Options.Roots.CreateHandler());
        http.DefaultRequestHeaders.Authorization = new("Bearer", await plane.TokenAsync("c11e0000-0000-4000-8000-000000000003", "plane-secret", "https://graph.microsoft.com/.default"));
        using var response = await http.GetAsync(new Uri(plane.Options.Authority, $"v1.0/servicePrincipals/{service["identity"]!["principalId"]}"), Cancellation);
        return response.IsSuccessStatusCode;
    }
}

using System.Text.Json.Nodes;
using Postern.ControlPlane.Access.Rbac;
using Postern.ControlPlane.Tests.Conformance;
using static Postern.ControlPlane.Tests.Access.Arm.AuthorizationHost;

namespace Postern.ControlPlane.Tests.Access.Arm;

/// <summary>Replays the official examples of Microsoft.Authorization (see ArmExamples/SOURCES.md) at scopes of their own.</summary>
public sealed class AuthorizationExampleTests(AuthorizationHost host) : IClassFixture<AuthorizationHost>
{
    private readonly string _scope = NewGroup();
    private readonly string _name = NewId();
    private readonly string _other = NewId();
    private readonly string _principal = NewId();

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Folder, "*.json").Select(Path.GetFileNameWithoutExtension).OfType<string>().Where(name => !name.StartsWith("ApiManagement", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "ArmExamples");

    [Theory]
    [MemberData(nameof(Files))]
    public async Task An_official_example_is_answered_as_it_says(string file)
    {
        var example = (JsonObject)JsonNode.Parse(Localise(File.ReadAllText(Path.Combine(Folder, file + ".json"))))!;
        var responses = (JsonObject)example["responses"]!;
        var (method, path, body) = Request(file, (JsonObject)example["parameters"]!);
        var shown = responses[file == "PutRoleDefinition" ? "201" : "200"]!["body"]!;
        if (method != HttpMethod.Put)
        {
            foreach (var item in shown["value"] as IEnumerable<JsonNode?> ?? [shown])
            {
                var seeded = await host.PutAsync(PathOf(item!), new JsonObject { ["properties"] = Seed(item!["properties"]!) }.ToJsonString());
                Assert.True(seeded.Status is 200 or 201, seeded.ToString());
            }
        }

        var answer = await host.SendAsync(method, path, body, OwnerId);

        Assert.Contains(answer.Status, responses.Select(response => int.Parse(response.Key, System.Globalization.CultureInfo.InvariantCulture)));
        // Placeholders of the examples, and who protects a deny assignment, differ; everything else is there and the same.
        var found = shown["value"] is null ? answer.Body : new JsonObject { ["value"] = new JsonArray([.. answer.Value.Where(item => (item["name"]!.GetValue<string>() is var name && (name == _name || name == _other))).Select(item => item.DeepClone())]) };
        Assert.Equal([], ExampleComparison.Differences(shown, found, ["isSystemProtected", "type"]));
        if (method == HttpMethod.Delete)
        {
            Assert.Equal(204, (await host.SendAsync(method, path, null, OwnerId)).Status);
        }
    }

    /// <summary>The examples' subscriptions, groups, roles and names become ours.</summary>
    private string Localise(string text)
    {
        var group = _scope.Split('/')[^1];
        return text
            .Replace("a925f2f7-5c63-4b7b-8799-25a5f97bc3b2", SubscriptionId, StringComparison.Ordinal)
            .Replace("subscriptions/subID", $"subscriptions/{SubscriptionId}", StringComparison.Ordinal)
            .Replace("subscriptions/subId", $"subscriptions/{SubscriptionId}", StringComparison.Ordinal)
            .Replace("0b5fe924-9a61-425c-96af-cfe6e287ca2d", BuiltInRoles.Reader, StringComparison.Ordinal)
            .Replace("b0f43c54-e787-4862-89b1-a653fa9cf747", _name, StringComparison.Ordinal)
            .Replace("96786e4b-dede-4c2e-8736-8ab911987f08", _other, StringComparison.Ordinal)
            .Replace("05c5a614-a7d6-4502-b150-c2fb455033ff", _name, StringComparison.Ordinal)
            .Replace("\"roleDefinitionId\": \"roleDefinitionId\"", $"\"roleDefinitionId\": \"{_name}\"", StringComparison.Ordinal)
            .Replace("/roleDefinitions/roleDefinitionId", $"/roleDefinitions/{_name}", StringComparison.Ordinal)
            .Replace("\"name\": \"roleDefinitionId\"", $"\"name\": \"{_name}\"", StringComparison.Ordinal)
            .Replace("\"denyAssignmentId\": \"denyAssignmentId\"", $"\"denyAssignmentId\": \"{_name}\"", StringComparison.Ordinal)
            .Replace("denyAssignments/denyAssignmentId", $"denyAssignments/{_name}", StringComparison.Ordinal)
            .Replace("\"name\": \"denyAssignmentId\"", $"\"name\": \"{_name}\"", StringComparison.Ordinal)
            .Replace("denyAssignments/daId", $"denyAssignments/{_name}", StringComparison.Ordinal)
            .Replace("\"name\": \"daId\"", $"\"name\": \"{_name}\"", StringComparison.Ordinal)
            .Replace("ce2ce14e-85d7-4629-bdbc-454d0519d987", _principal, StringComparison.Ordinal)
            .Replace("principalId1", "11111111-0000-4000-8000-000000000001", StringComparison.Ordinal)
            .Replace("principalId2", "22222222-0000-4000-8000-000000000002", StringComparison.Ordinal)
            .Replace("rgname", group, StringComparison.Ordinal)
            .Replace("testrg", group, StringComparison.Ordinal)
            .Replace("Role name", $"Role {_name}", StringComparison.Ordinal);
    }

    private (HttpMethod Method, string Path, string? Body) Request(string file, JsonObject parameters)
    {
        string Parameter(string name) => parameters[name]!.GetValue<string>() is var text && text == "scope" ? Subscription : text;
        string At(string type, string? name) => $"/{Parameter("scope").TrimStart('/')}/providers/Microsoft.Authorization/{type}{(name is null ? "" : "/" + Parameter(name))}";
        string ById(string name) => "/" + Parameter(name).TrimStart('/');
        var body = (parameters["parameters"] ?? parameters["body"]?["roleDefinition"])?.ToJsonString();
        return file switch
        {
            "DeleteRoleDefinition" => (HttpMethod.Delete, At("roleDefinitions", "roleDefinitionId"), null),
            "GetRoleDefinitionByName" => (HttpMethod.Get, At("roleDefinitions", "roleDefinitionId"), null),
            "GetRoleDefinitionById" => (HttpMethod.Get, RoleId(_name), null),
            // The declared body is empty; what is meant stands beside it, flattened.
            "PutRoleDefinition" => (HttpMethod.Put, At("roleDefinitions", "roleDefinitionId"), $"{{\"properties\":{body}}}"),
            "GetDenyAssignmentById" => (HttpMethod.Get, ById("denyAssignmentId"), null),
            "GetDenyAssignmentByNameId" => (HttpMethod.Get, At("denyAssignments", "denyAssignmentId"), null),
            "GetDenyAssignmentByScope" => (HttpMethod.Get, At("denyAssignments", null), null),
            "RoleAssignments_CreateById" => (HttpMethod.Put, ById("roleAssignmentId"), body),
            "RoleAssignments_DeleteById" => (HttpMethod.Delete, ById("roleAssignmentId"), null),
            "RoleAssignments_GetById" => (HttpMethod.Get, ById("roleAssignmentId"), null),
            "RoleAssignments_Get" => (HttpMethod.Get, At("roleAssignments", "roleAssignmentName"), null),
            "RoleAssignments_Delete" => (HttpMethod.Delete, At("roleAssignments", "roleAssignmentName"), null),
            "RoleAssignments_ListForScope" => (HttpMethod.Get, At("roleAssignments", null), null),
            "RoleAssignments_ListForResourceGroup" => (HttpMethod.Get, $"{_scope}/providers/Microsoft.Authorization/roleAssignments", null),
            _ when file.StartsWith("RoleAssignments_Create", StringComparison.Ordinal) => (HttpMethod.Put, At("roleAssignments", "roleAssignmentName"), body),
            _ => throw new InvalidOperationException($"There is a new example, {file}: say how it is called."),
        };
    }

    private static string PathOf(JsonNode item) => item["id"]!.GetValue<string>();

    private static JsonNode Seed(JsonNode properties) => properties.DeepClone();
}

using System.Text.Json.Nodes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests;

/// <summary><c>postern role create</c> takes the published documents as they are.</summary>
public sealed class RoleCommandTests(RunningSystem system)
{
    [Theory]
    [InlineData("configuration-api-access-validator", "actions", "Microsoft.Authorization/*/read")]
    [InlineData("gateway-configuration-reader", "dataActions", "Microsoft.ApiManagement/service/gateways/getConfiguration/action")]
    [InlineData("certificate-exporter", "dataActions", "Microsoft.ApiManagement/service/certificates/listSecrets/action")]
    public async Task A_published_document_becomes_the_role_it_describes(string file, string plane, string action)
    {
        using var folder = new TemporaryFolder();
        var published = await File.ReadAllTextAsync(Path.Combine(GeneratedDocument.Root, $"samples/contoso/roles/{file}.json"));
        await File.WriteAllTextAsync(folder.In("role.json"), published.Replace("\"Name\": \"", "\"Name\": \"Another ", StringComparison.Ordinal));
        var (code, output) = await RunAsync("@" + folder.In("role.json"));
        Assert.True(code == 0, output);
        var role = JsonNode.Parse(output)!;
        Assert.StartsWith("Another API Management", role["properties"]!["roleName"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(action, role["properties"]!["permissions"]![0]![plane]![0]!.GetValue<string>());
        Assert.Equal(0, (await RunAsync("@" + folder.In("role.json"))).Code);
    }

    [Theory]
    [InlineData("{\"Name\": \"Empty\", \"Permissions\": [{}], \"AssignableScopes\": [\"/subscriptions/{subscriptionID}\"]}", "Actions")]
    [InlineData("{\"Name\": \"Nowhere\", \"Actions\": [\"*\"]}", "AssignableScopes")]
    [InlineData("{\"Name\": ", "role create")]
    public async Task A_document_that_makes_no_role_is_explained(string document, string told)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.In("role.json"), document);
        var (code, output) = await RunAsync("@" + folder.In("role.json"));
        Assert.Equal(1, code);
        Assert.Contains(told, output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(system["AZURE_CLIENT_SECRET"], output, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output)> RunAsync(string document)
    {
        await using var process = PosternProcess.Start(["role", "create", document, "--connection", system.ConnectionFile]);
        return (await process.ExitAsync(), process.Output);
    }
}

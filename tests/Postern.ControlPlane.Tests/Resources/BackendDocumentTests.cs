using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Postern.Testing;

namespace Postern.ControlPlane.Tests.Resources;

/// <summary>The examples of docs/backends.md are taken as they stand, in their order.</summary>
public sealed partial class BackendDocumentTests(RunningControlPlane plane)
{
    [Fact]
    public async Task Every_example_is_accepted()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(GeneratedDocument.Root, "docs/backends.md"), TestContext.Current.CancellationToken);
        var service = await plane.CreateServiceAsync();
        foreach (var name in (string[])["orders-key", "orders-token", "proxy-password"])
        {
            await plane.PutPropertiesAsync($"{service}/namedValues/{name}", new() { ["displayName"] = name, ["value"] = "secret", ["secret"] = true });
        }

        var requests = Requests().Matches(text);
        Assert.Equal(3, requests.Count);
        foreach (Match request in requests)
        {
            var (status, body) = await plane.SendAsync(HttpMethod.Put, service + request.Groups[1].Value, JsonNode.Parse(request.Groups[2].Value)!.AsObject());
            Assert.True(status == 201, body?.ToJsonString());
        }

        await plane.PutPropertiesAsync($"{service}/apis/orders", new() { ["displayName"] = "Orders", ["path"] = "orders", ["protocols"] = new JsonArray("https") });
        var policy = Policies().Match(text).Groups[1].Value;
        var (saved, problem) = await plane.SendAsync(
            HttpMethod.Put, $"{service}/apis/orders/policies/policy", new() { ["properties"] = new JsonObject { ["format"] = "rawxml", ["value"] = policy } });
        Assert.True(saved == 201, problem?.ToJsonString());
    }

    [GeneratedRegex("```http\nPUT (\\S+)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Requests();

    [GeneratedRegex("```xml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Policies();
}

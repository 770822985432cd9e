using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources.Subscriptions;

namespace Postern.ControlPlane.Resources.Services;

/// <summary>What every service has from its first moment.</summary>
internal static class ServiceDefaults
{
    public static readonly string[] Skus =
        ["Developer", "Standard", "Premium", "Basic", "Consumption", "Isolated", "BasicV2", "StandardV2", "PremiumV2"];

    private const string GlobalPolicy =
        "<policies>\r\n  <inbound />\r\n  <backend>\r\n    <forward-request />\r\n  </backend>\r\n  <outbound />\r\n  <on-error />\r\n</policies>";

    private static readonly (string Id, string Name, string Description)[] Groups =
    [
        ("administrators", "Administrators", "Administrators is a built-in group. It manages the service."),
        ("developers", "Developers", "Developers is a built-in group. Signed-in users fall into it."),
        ("guests", "Guests", "Guests is a built-in group. Visitors who are not signed in fall into it."),
    ];

    public static void Fill(ResourceChange change, DateTimeOffset now)
    {
        var properties = change.Properties;
        properties["provisioningState"] = "Succeeded";
        properties["targetProvisioningState"] = "";
        properties["createdAtUtc"] ??= ArmEnvelope.Time(now);
        properties["gatewayUrl"] = $"https://{change.Name}.azure-api.net";
        properties["managementApiUrl"] = $"https://{change.Name}.management.azure-api.net";
        properties["platformVersion"] = "undetermined";
        if (properties["hostnameConfigurations"] is not JsonArray { Count: > 0 })
        {
            properties["hostnameConfigurations"] = new JsonArray(new JsonObject
            {
                ["type"] = "Proxy",
                ["hostName"] = $"{change.Name}.azure-api.net",
                ["negotiateClientCertificate"] = false,
                ["defaultSslBinding"] = true,
                ["certificateSource"] = "BuiltIn",
            });
        }
    }

    public static void AddChildren(ResourceChange change, KindServices services)
    {
        var now = ArmEnvelope.Time(services.Time.GetUtcNow());
        foreach (var (id, name, description) in Groups)
        {
            Add(change, "groups", id, new() { ["displayName"] = name, ["description"] = description, ["builtIn"] = true, ["type"] = "system" });
        }

        var email = change.Properties.Text("publisherEmail") ?? "";
        Add(change, "users", "1", new()
        {
            ["firstName"] = "Administrator",
            ["lastName"] = "",
            ["email"] = email,
            ["state"] = "active",
            ["registrationDate"] = now,
            ["identities"] = new JsonArray(new JsonObject { ["provider"] = "Azure", ["id"] = email }),
        });
        Add(change, "groups/administrators/users", "1", []);
        Add(change, "policies", "policy", new() { ["value"] = GlobalPolicy, ["format"] = "xml" });
        SubscriptionKeys.AddMaster(change, services, now);
    }

    private static void Add(ResourceChange change, string collection, string name, JsonObject properties)
    {
        var type = collection == "groups/administrators/users" ? "groups/users" : collection;
        change.Also.Add(change.Write($"{change.Id}/{collection}/{name}", $"{ServiceKind.TypeName}/{type}", new() { ["properties"] = properties }));
    }
}

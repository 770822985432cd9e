using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources;

/// <summary>The provider namespaces with their types and api-versions: generic clients choose a version from here.</summary>
internal static class ProviderCatalog
{
    private static readonly string[] AuthorizationTypes = ["roleDefinitions", "roleAssignments", "denyAssignments", "permissions", "providerOperations"];

    public static IEnumerable<JsonObject> All(KindIndex kinds, string subscriptionId) =>
        new[] { "Microsoft.ApiManagement", "Microsoft.Authorization", "Microsoft.Resources" }.Select(space => Create(kinds, subscriptionId, space));

    public static JsonObject? Find(KindIndex kinds, string subscriptionId, string space) =>
        All(kinds, subscriptionId).FirstOrDefault(provider => string.Equals(provider.Text("namespace"), space, StringComparison.OrdinalIgnoreCase));

    private static JsonObject Create(KindIndex kinds, string subscriptionId, string space)
    {
        var types = space == "Microsoft.Authorization"
            ? AuthorizationTypes
            : kinds.All.Where(kind => kind.Type.StartsWith(space + "/", StringComparison.Ordinal)).Select(kind => kind.Type[(space.Length + 1)..]).ToArray();
        return new()
        {
            ["id"] = $"/subscriptions/{subscriptionId}/providers/{space}",
            ["namespace"] = space,
            ["registrationState"] = "Registered",
            ["registrationPolicy"] = "RegistrationRequired",
            ["resourceTypes"] = new JsonArray([.. types.Order(StringComparer.Ordinal).Select(type => new JsonObject
            {
                ["resourceType"] = type,
                ["locations"] = new JsonArray("Local"),
                ["apiVersions"] = ArmJson.Texts(ApiVersions.For(space)),
                ["capabilities"] = "SupportsTags, SupportsLocation",
            })]),
        };
    }
}

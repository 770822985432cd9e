using Postern.Snapshots;

namespace Postern.Gateway.Tests.Parts;

/// <summary>Entities for tests, with defaults that matter to few.</summary>
internal static class Entities
{
    public static ServiceSnapshot Service { get; } =
        new("/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/contoso", "contoso", "edge", "cellar");

    public static ApiSnapshot Api(
        string id, string path, string? backend = null, bool subscriptionRequired = false, string revision = "1", bool current = true,
        string? version = null, VersionSetSnapshot? versionSet = null, IReadOnlyList<string>? protocols = null, params string[] operations) =>
        new(
            id, id, path, protocols ?? ["http", "https"], backend, subscriptionRequired, "Ocp-Apim-Subscription-Key", "subscription-key", "http", revision,
            current, version, versionSet,
            [.. (operations.Length == 0 ? ["* /*"] : operations).Select((text, index) => new OperationSnapshot($"op{index}", text, text.Split(' ')[0], text.Split(' ')[1]))]);

    public static ProductSnapshot Product(string id, bool subscriptionRequired, params string[] apis) =>
        new(id, id, subscriptionRequired, false, null, "published", apis, []);

    public static SubscriptionSnapshot Subscription(string id, string scope, string state = "active") =>
        new(id, id, scope, state, null, $"{id}-primary", $"{id}-secondary", DateTimeOffset.UnixEpoch, null, null);

    public static PolicySnapshot Policy(string scope, string text) => new(scope, "rawxml", text);
}

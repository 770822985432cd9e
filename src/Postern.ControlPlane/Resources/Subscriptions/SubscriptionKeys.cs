using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Subscriptions;

/// <summary>
/// The two keys of a subscription. No two keys of a service may be equal: each is claimed by a fingerprint that tells nothing without
/// the key file.
/// </summary>
internal static class SubscriptionKeys
{
    /// <summary>The subscription that every service has and that opens every API.</summary>
    public const string Master = "master";

    private const string List = "subscriptions.key";

    private static readonly string[] Members = ["primaryKey", "secondaryKey"];

    public static string Generate() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Makes the keys that are missing and claims both.</summary>
    public static void Claim(ResourceChange change, KindServices services)
    {
        foreach (var member in Members)
        {
            change.Properties[member] ??= Generate();
        }

        var now = Members.Select(member => Fingerprint(services, change.Id, change.Properties, member)!).ToArray();
        var before = change.PropertiesBefore is { } old ? Members.Select(member => Fingerprint(services, change.Id, old, member)).ToArray() : [null, null];
        if (now[0] == now[1])
        {
            change.Problem("secondaryKey", "The two keys must differ.");
            return;
        }

        // Swapping the keys claims nothing new.
        for (var i = 0; i < Members.Length; i++)
        {
            if (!now.Contains(before[i]))
            {
                Uniqueness.Claim(change, References.ServiceOf(change.Id), List, before[i], null, Members[i]);
            }

            if (!before.Contains(now[i]))
            {
                Uniqueness.Claim(change, References.ServiceOf(change.Id), List, null, now[i], Members[i]);
            }
        }
    }

    public static void Release(ResourceRemoval removal, ResourceRow subscription, KindServices services)
    {
        var properties = ArmJson.ParseObject(subscription.Body).Properties();
        foreach (var member in Members)
        {
            Uniqueness.Release(removal, References.ServiceOf(subscription.Id), List, Fingerprint(services, subscription.Id, properties, member));
        }
    }

    /// <summary>The built-in subscription of a new service, without claims: random keys don't clash.</summary>
    public static void AddMaster(ResourceChange change, KindServices services, string now)
    {
        var id = $"{change.Id}/subscriptions/{Master}";
        var properties = new JsonObject
        {
            ["displayName"] = "Built-in all-access subscription",
            ["scope"] = $"{change.Id}/",
            ["state"] = "active",
            ["allowTracing"] = true,
            ["createdDate"] = now,
            ["primaryKey"] = Generate(),
            ["secondaryKey"] = Generate(),
        };
        services.Secrets.Seal(new SubscriptionKind(services), id, properties);
        change.Also.Add(change.Write(id, SubscriptionKind.TypeName, new() { ["properties"] = properties }));
    }

    public static async ValueTask<ArmResponse> RegenerateAsync(KindServices services, ActionCall call, string member, CancellationToken cancellation)
    {
        var row = call.Row;
        while (true)
        {
            var body = ArmJson.ParseObject(row.Body);
            var before = body.Properties().DeepClone().AsObject();
            var change = new ResourceChange { Call = call.Call, Id = row.Id, ParentId = row.ParentId, Existing = row, Before = new() { ["properties"] = before }, Body = body };
            change.Properties[member] = Generate();
            Claim(change, services);
            services.Secrets.Seal(new SubscriptionKind(services), row.Id, change.Properties);
            var write = change.Write(row.Id, row.Type, body) with { IfMatch = row.ETag };
            if ((await services.Store.WriteAsync([write, .. change.Also], cancellation)).Conflict is null)
            {
                return ArmResponse.NoContent;
            }

            if (await services.Store.FindAsync(row.Id, cancellation) is not { } again)
            {
                return ArmErrors.NotFound(row.Id);
            }

            row = again;
        }
    }

    private static string? Fingerprint(KindServices services, string id, JsonObject properties, string member) =>
        services.Secrets.Reveal(id, properties, member) is { } key ? services.Protector.Fingerprint(key) : null;
}

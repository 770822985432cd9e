using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Access;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Gateways;

/// <summary>The two keys that gateway tokens are made with, sealed in the gateway's resource.</summary>
internal sealed class GatewayKeys(IResourceStore store, SecretMembers secrets) : IGatewayKeys
{
    public const string Primary = "primaryKey";
    public const string Secondary = "secondaryKey";

    /// <summary>What debug tokens are made with; unlike the other two nobody ever sees it.</summary>
    public const string Debug = "debugKey";

    /// <summary>64 random bytes in base64.</summary>
    public static string Generate() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));

    /// <summary>Keys that come from a backup must be as good as generated ones.</summary>
    public static void Check(JsonObject keys, ICollection<ArmErrorDetail> problems)
    {
        foreach (var (name, key) in keys)
        {
            var bytes = new byte[256];
            if (!Convert.TryFromBase64String(key!.GetValue<string>(), bytes, out var length) || length < 32)
            {
                problems.Add(new("ValidationError", name, $"'{name}' must be at least 32 bytes in base64."));
            }
        }
    }

    public async ValueTask<GatewayKeyPair?> FindAsync(string gatewayResourceId, CancellationToken cancellation)
    {
        if (await store.FindAsync(gatewayResourceId, cancellation) is not { } row || !ResourceIds.Same(row.Type, GatewayKind.TypeName))
        {
            return null;
        }

        var properties = ArmJson.ParseObject(row.Body).Properties();
        return secrets.Reveal(row.Id, properties, Primary) is { } primary && secrets.Reveal(row.Id, properties, Secondary) is { } secondary
            ? new(primary, secondary)
            : null;
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources;

/// <summary>
/// Values that only one resource of a service may have: a path, a display name, a key. Each is a row of its own whose id is made from
/// the value, so that the store's transaction decides between two writers, and the check costs the same among ten and ten thousand.
/// </summary>
internal static class Uniqueness
{
    public const string Type = "Postern/reservations";

    /// <summary>Claims <paramref name="now"/> and lets go of <paramref name="before"/>; nothing when they are the same.</summary>
    /// <param name="list">What kind of value, such as <c>apis.path</c>.</param>
    /// <param name="target">Member that a clash is reported for.</param>
    public static void Claim(ResourceChange change, string serviceId, string list, string? before, string? now, string target)
    {
        if (before == now)
        {
            return;
        }

        if (before is not null)
        {
            change.Also.Add(change.Remove(Id(serviceId, list, before), Type));
        }

        if (now is not null)
        {
            var claim = change.Write(Id(serviceId, list, now), Type, new JsonObject { ["owner"] = change.Id }) with { MustNotExist = true };
            change.Also.Add(claim);
            change.Claims.Add(claim, target);
        }
    }

    public static void Release(ResourceRemoval removal, string serviceId, string list, string? value)
    {
        if (value is not null)
        {
            removal.Also.Add(new(Id(serviceId, list, value), Type, null, removal.Call.Caller.ObjectId));
        }
    }

    /// <summary>Id of the resource that has claimed a value; null when none has.</summary>
    public static async ValueTask<string?> OwnerAsync(IResourceStore store, string serviceId, string list, string value, CancellationToken cancellation) =>
        await store.FindAsync(Id(serviceId, list, value), cancellation) is { } row ? ArmJson.ParseObject(row.Body).Text("owner") : null;

    /// <summary>A claim that can't clash, for values that are made here.</summary>
    public static ResourceWrite Assert(ResourceChange change, string serviceId, string list, string value, string owner) =>
        change.Write(Id(serviceId, list, value), Type, new JsonObject { ["owner"] = owner });

    private static string Id(string serviceId, string list, string value) =>
        $"{serviceId}/reservations/{list}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)))}";
}

using System.Security.Cryptography;
using System.Text.Json;
using Postern.Hosting;

namespace Postern.Up;

/// <summary>Ids and credentials of a local system, made once per data folder and kept in <c>identity.json</c> (mode 0600).</summary>
internal sealed record UpIdentity
{
    public required string TenantId { get; init; }

    public required string SubscriptionId { get; init; }

    /// <summary>Owner of the subscription: what people and tools sign in with.</summary>
    public required UpApplication Operator { get; init; }

    /// <summary>With this the control plane makes the service's managed identity in the directory.</summary>
    public required UpApplication ControlPlane { get; init; }

    /// <summary>The gateway's Entra app; null until the scenario registered it.</summary>
    public UpApplication? Gateway { get; init; }

    public required string PortalCode { get; init; }

    /// <summary>True once the sample service was provisioned completely.</summary>
    public bool Provisioned { get; init; }

    public static UpIdentity LoadOrCreate(UpFolder folder)
    {
        if (File.Exists(folder.Identity))
        {
            return JsonSerializer.Deserialize<UpIdentity>(File.ReadAllText(folder.Identity))
                ?? throw new InvalidDataException($"{folder.Identity} is empty: start anew with --reset.");
        }

        var made = new UpIdentity
        {
            TenantId = Guid.NewGuid().ToString(),
            SubscriptionId = Guid.NewGuid().ToString(),
            Operator = UpApplication.Create("operator"),
            ControlPlane = UpApplication.Create("control-plane"),
            PortalCode = Secret(18),
        };
        made.Save(folder);
        return made;
    }

    public void Save(UpFolder folder) => PrivateFile.Write(folder.Identity, JsonSerializer.Serialize(this, Indented));

    /// <summary>At least as strong as so many bytes. Letters and digits alone: a leading dash would be an option where it is an argument.</summary>
    internal static string Secret(int bytes) =>
        RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", (int)Math.Ceiling(bytes * 8 / Math.Log2(62)));

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
}

/// <param name="ObjectId">Object id of the service principal.</param>
internal sealed record UpApplication(string DisplayName, string ClientId, string ObjectId, string Secret)
{
    public static UpApplication Create(string name) => new(name, Guid.NewGuid().ToString(), Guid.NewGuid().ToString(), UpIdentity.Secret(32));
}

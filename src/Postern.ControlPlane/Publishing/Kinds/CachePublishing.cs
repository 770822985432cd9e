using Postern.ControlPlane.Resources;
using Postern.Snapshots;

namespace Postern.ControlPlane.Publishing.Kinds;

/// <summary>External caches: to gateways of their location, or to all when they are the default, and only when a policy there uses a cache.</summary>
internal sealed class CachePublishing : PublishedKind
{
    private const string Default = "default";

    public override string Type => "/caches";

    public override IEnumerable<string> NamedIn(string document) =>
        document.Contains("<cache-", StringComparison.Ordinal) ? [DocumentMentions.Any] : [];

    public override SnapshotEntity? Read(PublishedRow row) => row.Properties.Text("connectionString") is { } connection
        ? new CacheSnapshot(row.Name, row.Properties.Text("useFromLocation") ?? Default, row.Fill(connection))
        : null;

    public override bool IsNeeded(ModelPart part, GatewayNeeds needs) =>
        needs.IsNamed(this, part.Name)
        && part.Entity.Entity is CacheSnapshot { UseFromLocation: var location }
        && (Is(location, Default) || Is(location, needs.Gateway.Region));

    private static bool Is(string location, string other) => location.Trim().Equals(other.Trim(), StringComparison.OrdinalIgnoreCase);
}

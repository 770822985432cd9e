using Postern.Snapshots;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>What gateways are to run: one snapshot per gateway resource and how it came from the one before. Publishing implements it.</summary>
internal interface IPublishedConfigurations
{
    /// <summary>The newest snapshot, up to date with every write that was answered before the call.</summary>
    /// <param name="gatewayResourceId">ARM id of the gateway resource, in any casing.</param>
    /// <returns>Null when there is no such gateway.</returns>
    ValueTask<Snapshot?> CurrentAsync(string gatewayResourceId, CancellationToken cancellation);

    /// <summary>What changed for this gateway after a revision it has.</summary>
    /// <param name="top">Most entities put or removed in one answer.</param>
    ValueTask<ChangesSince> ChangesAfterAsync(string gatewayResourceId, long revision, int top, CancellationToken cancellation);
}

/// <param name="Change">Null when nothing changed.</param>
/// <param name="ResyncRequired">The revision is not in the log any more, or never was: the gateway must fetch the snapshot.</param>
internal readonly record struct ChangesSince(SnapshotChange? Change, bool ResyncRequired);

using System.Collections.Concurrent;
using Postern.ControlPlane.ConfigurationApi;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Store;
using Postern.Snapshots;

namespace Postern.ControlPlane.Publishing;

/// <summary>What gateways are to run, of every service.</summary>
internal sealed class GatewayPublications(IResourceStore store, SecretMembers secrets) : IPublishedConfigurations, IDisposable
{
    private readonly ConcurrentDictionary<string, ServicePublisher> _services = new(StringComparer.OrdinalIgnoreCase);

    public ValueTask<Snapshot?> CurrentAsync(string gatewayResourceId, CancellationToken cancellation) =>
        Of(gatewayResourceId).UseAsync(ResourceIds.NameOf(gatewayResourceId), (publication, _) => publication?.Snapshot(), cancellation);

    public ValueTask<ChangesSince> ChangesAfterAsync(string gatewayResourceId, long revision, int top, CancellationToken cancellation) =>
        Of(gatewayResourceId).UseAsync(
            ResourceIds.NameOf(gatewayResourceId),
            (publication, known) => publication?.ChangesAfter(revision, known) ?? new(null, ResyncRequired: true),
            cancellation);

    public void Dispose()
    {
        foreach (var service in _services.Values)
        {
            service.Dispose();
        }
    }

    private ServicePublisher Of(string gatewayResourceId)
    {
        var serviceId = References.ServiceOf(gatewayResourceId);
        return _services.GetOrAdd(serviceId, static (id, parts) => new(id, parts.store, parts.secrets), (store, secrets));
    }
}

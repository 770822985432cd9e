using System.Text.Json.Nodes;
using Postern.ControlPlane.Access;
using Postern.ControlPlane.Access.Arm;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>The services of this control plane, and which of them a gateway means.</summary>
internal sealed class ServiceDirectory : IDisposable
{
    private const string Type = "Microsoft.ApiManagement/service";

    private readonly IResourceStore _store;
    private readonly StoreView<IReadOnlyList<KnownService>> _view;

    public ServiceDirectory(IResourceStore store)
    {
        _store = store;
        _view = StoreView<IReadOnlyList<KnownService>>.Of(store, type => string.Equals(type, Type, StringComparison.OrdinalIgnoreCase), ReadAsync);
    }

    /// <summary>
    /// The service whose name is the first label of the host (<c>contoso.configuration.example</c>); else the only one there is, or the
    /// only one that has a gateway of that name: on <c>localhost</c> a second service must not cut off the gateways of the first.
    /// Null when none of these says.
    /// </summary>
    public async ValueTask<KnownService?> FindAsync(string host, string gateway, CancellationToken cancellation)
    {
        var services = await _view.CurrentAsync(cancellation);
        var dot = host.IndexOf('.');
        var label = dot < 0 ? host : host[..dot];
        var named = services.Where(service => string.Equals(service.Name, label, StringComparison.OrdinalIgnoreCase)).ToList();
        if (named.Count > 0 || services.Count <= 1)
        {
            return named.Count == 1 ? named[0] : named.Count == 0 ? services.SingleOrDefault() : null;
        }

        KnownService? found = null;
        foreach (var service in services)
        {
            if (await _store.FindAsync(service.GatewayId(gateway), cancellation) is not null)
            {
                if (found is not null)
                {
                    return null;
                }

                found = service;
            }
        }

        return found;
    }

    /// <param name="gatewayId">ARM id of a gateway resource.</param>
    public async ValueTask<KnownService?> OfGatewayAsync(string gatewayId, CancellationToken cancellation) =>
        (await _view.CurrentAsync(cancellation)).FirstOrDefault(service => ResourceIds.Same(service.Id, ResourceIds.ParentOf(gatewayId)));

    public void Dispose() => _view.Dispose();

    private async ValueTask<IReadOnlyList<KnownService>> ReadAsync(CancellationToken cancellation) =>
        [.. (await _store.ListAsync("", Type, 0, null, cancellation)).Select(Read)];

    private static KnownService Read(ResourceRow row)
    {
        var identity = RoleBodies.Body(row)["identity"];
        var type = RoleBodies.Text(identity?["type"]) ?? "";
        var system = type.Contains("SystemAssigned", StringComparison.OrdinalIgnoreCase) && RoleBodies.Text(identity?["principalId"]) is { Length: > 0 } principal
            ? new ServiceIdentity(principal, RoleBodies.Text(identity?["tenantId"]) ?? "")
            : null;
        return new(row.Id, row.Name, system, type.Contains("UserAssigned", StringComparison.OrdinalIgnoreCase));
    }
}

/// <param name="Id">ARM id.</param>
/// <param name="Identity">The system-assigned managed identity; null when it has none.</param>
internal sealed record KnownService(string Id, string Name, ServiceIdentity? Identity, bool HasUserIdentity)
{
    public string GatewayId(string gateway) => $"{Id}/gateways/{gateway}";
}

using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources.Subscriptions;

namespace Postern.ControlPlane.Resources.Products;

/// <summary>The read-only list of a product's subscriptions.</summary>
internal sealed class ProductSubscriptionKind(KindServices services) : ResourceKind("Microsoft.ApiManagement/service/products/subscriptions")
{
    private readonly SubscriptionKind _subscriptions = new(services);

    public override Verbs Verbs => Verbs.List;

    public override ValueTask<IReadOnlyList<JsonObject>?> ComputeAsync(ResourceView parent, CancellationToken cancellation) =>
        _subscriptions.ListByAsync(parent, "scope", cancellation);
}

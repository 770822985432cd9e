using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources.Subscriptions;

namespace Postern.ControlPlane.Resources.Users;

/// <summary>The read-only list of a user's subscriptions.</summary>
internal sealed class UserSubscriptionKind(KindServices services) : ResourceKind("Microsoft.ApiManagement/service/users/subscriptions")
{
    private readonly SubscriptionKind _subscriptions = new(services);

    public override Verbs Verbs => Verbs.List;

    public override ValueTask<IReadOnlyList<JsonObject>?> ComputeAsync(ResourceView parent, CancellationToken cancellation) =>
        _subscriptions.ListByAsync(parent, "ownerId", cancellation);
}

using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources.Gateways;

/// <summary>
/// Why principals may or may not have the gateway's configuration: <c>?principalId=</c>, or whoever asked within the last hour. An extension
/// of this product; the contract has nothing like it.
/// </summary>
internal sealed class GatewayAccessKind(KindServices services) : ResourceKind("Microsoft.ApiManagement/service/gateways/access")
{
    public override Verbs Verbs => Verbs.List;

    public override async ValueTask<IReadOnlyList<JsonObject>?> ComputeAsync(ResourceView parent, CancellationToken cancellation) =>
        await services.GatewayAccess.ExplainAsync(parent.Row.Id, parent.Call.Query["principalId"], cancellation);
}

using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources.Associations;
using Postern.ControlPlane.Resources.Products;

namespace Postern.ControlPlane.Resources.Apis;

/// <summary>The read-only list of products that an API is in.</summary>
internal sealed class ApiProductKind(KindServices services) : ResourceKind("Microsoft.ApiManagement/service/apis/products")
{
    private readonly ProductKind _products = new(services);

    public override Verbs Verbs => Verbs.List;

    public override async ValueTask<IReadOnlyList<JsonObject>?> ComputeAsync(ResourceView parent, CancellationToken cancellation)
    {
        var name = ApiRevisions.TrySplit(parent.Row.Name, out var api, out _) ? api : parent.Row.Name;
        var shown = new List<JsonObject>();
        foreach (var product in await Associated.OwnersAsync(services.Store, parent.Row.ParentId, "products", "apis", name, cancellation))
        {
            if (await services.Envelope.PresentAsync(_products, parent with { Row = product }, cancellation) is { } body)
            {
                shown.Add(body);
            }
        }

        return shown;
    }
}

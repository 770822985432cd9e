using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources.ResourceGroups;

internal sealed class ResourceGroupKind(KindServices services) : ResourceKind(AddressReader.GroupType)
{
    public override string ActionType => "Microsoft.Resources/subscriptions/resourceGroups";

    public override NameRules Names => NameRules.ResourceGroup;

    public override bool IsTracked => true;

    public override bool HasETag => false;

    public override bool HasCount => false;

    public override int HeadStatus => 204;

    public override ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        var location = change.Body.Text("location");
        if (location is null)
        {
            if (change.Before is null)
            {
                change.Problem("location", "'location' must be given.");
            }
            else
            {
                change.Body["location"] = change.Before["location"]?.DeepClone();
            }
        }

        change.Properties["provisioningState"] = "Succeeded";
        return default;
    }

    public override async ValueTask<ArmError?> DeletingAsync(ResourceRemoval removal, CancellationToken cancellation) =>
        (await services.Store.ListAsync(removal.Row.Id, Services.ServiceKind.TypeName, 0, 1, cancellation)).Count > 0
            ? ArmErrors.Conflict($"The resource group '{removal.Row.Name}' holds API Management services. Delete them first: nothing here is deleted by accident.")
            : null;

    public override ValueTask<JsonObject?> PresentAsync(ResourceView view, JsonObject body, CancellationToken cancellation)
    {
        body.Remove("etag");
        body.Remove("systemData");
        return new(body);
    }
}

using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources.Associations;
using Postern.ControlPlane.Resources.Groups;

namespace Postern.ControlPlane.Resources.Users;

/// <summary>The read-only list of a user's groups.</summary>
internal sealed class UserGroupKind(KindServices services) : ResourceKind("Microsoft.ApiManagement/service/users/groups")
{
    private readonly GroupKind _groups = new(services);

    public override Verbs Verbs => Verbs.List;

    public override async ValueTask<IReadOnlyList<JsonObject>?> ComputeAsync(ResourceView parent, CancellationToken cancellation)
    {
        var shown = new List<JsonObject>();
        foreach (var group in await Associated.OwnersAsync(services.Store, parent.Row.ParentId, "groups", "users", parent.Row.Name, cancellation))
        {
            shown.Add(services.Envelope.Wrap(_groups, group));
        }

        return shown;
    }
}

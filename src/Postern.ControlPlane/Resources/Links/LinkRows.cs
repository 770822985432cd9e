using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Links;

/// <summary>The links that go with associations.</summary>
internal static class LinkRows
{
    /// <summary>The link of a new association, named after what it leads to; nothing for associations that have no links.</summary>
    public static ResourceWrite? Create(string associationType, string associationId, string by)
    {
        if (LinkShape.ForAssociation(associationType) is not { } shape)
        {
            return null;
        }

        var target = shape.Linked(associationId);
        var body = new JsonObject { ["properties"] = new JsonObject { [shape.Member] = target } };
        return new(LinkId(shape, associationId), shape.LinkType, body.ToJsonString(ArmJson.Options), by);
    }

    /// <summary>Every link that stands for an association, whatever its name.</summary>
    public static async ValueTask<IReadOnlyList<ResourceRow>> FindAsync(
        IResourceStore store, string associationType, string associationId, CancellationToken cancellation)
    {
        if (LinkShape.ForAssociation(associationType) is not { } shape)
        {
            return [];
        }

        var target = shape.Linked(associationId);
        return await store.FindByValueAsync(new(shape.LinkParent(associationId), shape.LinkType, shape.Member, target), null, cancellation);
    }

    private static string LinkId(LinkShape shape, string associationId)
    {
        var target = shape.Linked(associationId);
        var path = target[(References.ServiceOf(target).Length + 1)..].Split('/');
        var name = path.Length == 2 ? path[1] : $"{path[1]}-{path[3]}";
        if (name.Length > 80)
        {
            name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ResourceIds.Key(name))))[..32];
        }

        return $"{shape.LinkParent(associationId)}/{shape.LinkType[(shape.LinkType.LastIndexOf('/') + 1)..]}/{name}";
    }
}

using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Links;

/// <summary>
/// The two forms in which the contract has one relation: an association (<c>products/p/apis/a</c>) and a link, a resource with a name of
/// its own that holds the other's id (<c>products/p/apiLinks/x</c>). Either makes the other.
/// </summary>
/// <param name="LinkType">Type of the link.</param>
/// <param name="Member">Member of the link with the id.</param>
/// <param name="AssociationType">Type of the association.</param>
/// <param name="TargetType">Type of what the member's id leads to.</param>
/// <param name="Associate">Id of the association, from the id of the link's parent and the id in the member.</param>
/// <param name="LinkParent">Id of the link's parent, from the id of the association.</param>
/// <param name="Linked">The id in the member, from the id of the association.</param>
internal sealed record LinkShape(
    string LinkType,
    string Member,
    string AssociationType,
    string TargetType,
    Func<string, string, string> Associate,
    Func<string, string> LinkParent,
    Func<string, string> Linked)
{
    private const string Service = "Microsoft.ApiManagement/service/";

    public static IReadOnlyList<LinkShape> All { get; } =
    [
        OfProduct("apiLinks", "apiId", "apis"),
        OfProduct("groupLinks", "groupId", "groups"),
        OfTag("apiLinks", "apiId", "apis"),
        OfTag("operationLinks", "operationId", "apis/operations"),
        OfTag("productLinks", "productId", "products"),
    ];

    public static LinkShape? ForAssociation(string associationType) =>
        All.FirstOrDefault(shape => ResourceIds.Same(shape.AssociationType, associationType));

    private static LinkShape OfProduct(string links, string member, string collection) => new(
        $"{Service}products/{links}", member, $"{Service}products/{collection}", $"{Service}{collection}",
        (product, target) => $"{product}/{collection}/{ResourceIds.NameOf(target)}",
        ResourceIds.ParentOf,
        association => $"{References.ServiceOf(association)}/{collection}/{ResourceIds.NameOf(association)}");

    private static LinkShape OfTag(string links, string member, string collection) => new(
        $"{Service}tags/{links}", member, $"{Service}{collection}/tags", $"{Service}{collection}",
        (tag, target) => $"{target}/tags/{ResourceIds.NameOf(tag)}",
        association => $"{References.ServiceOf(association)}/tags/{ResourceIds.NameOf(association)}",
        ResourceIds.ParentOf);
}

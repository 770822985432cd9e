using Postern.ControlPlane.Resources.Associations;

namespace Postern.ControlPlane.Resources.Tags;

/// <summary>A tag on an API, an operation or a product. Answers show the tag.</summary>
/// <param name="owner">Type of what is tagged.</param>
internal sealed class TagAssignmentKind(KindServices services, string owner) : AssociationKind(services, $"{owner}/tags", TagKind.TypeName, ownId: false)
{
    public override int HeadStatus => 200;

    protected override ResourceKind Target { get; } = new TagKind(services);
}

namespace Postern.ControlPlane.Resources.DeletedServices;

/// <summary>A location in paths, in any of the forms that clients write: <c>West US</c> is <c>westus</c>.</summary>
internal sealed class LocationKind() : ResourceKind("Microsoft.ApiManagement/locations")
{
    public override Verbs Verbs => Verbs.None;

    public override bool IsPlace => true;

    public static string Normalise(string location) => location.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();

    public override ValueTask<string> StoredNameAsync(string parentId, string name, CancellationToken cancellation) => new(Normalise(name));
}

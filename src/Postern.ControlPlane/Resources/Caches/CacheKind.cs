using Postern.ControlPlane.Resources.NamedValues;

namespace Postern.ControlPlane.Resources.Caches;

/// <summary>An external cache. The connection string is moved to a named value, as the product does.</summary>
internal sealed class CacheKind(KindServices services) : ResourceKind("Microsoft.ApiManagement/service/caches")
{
    private static readonly Member[] Declared =
    [
        Member.Text("connectionString", 0, 300).Required(),
        Member.Text("useFromLocation", 0, 256).Required(),
        Member.Text("description", 0, 2000),
        Member.Text("resourceId", 0, 2000),
    ];

    public override IReadOnlyList<Member> Members => Declared;

    public override ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        change.Properties["connectionString"] = MovedSecret.Move(services, change, $"Cache-{change.Name}", change.Properties.Text("connectionString")!);
        return default;
    }
}

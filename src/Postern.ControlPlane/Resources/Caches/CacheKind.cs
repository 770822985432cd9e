using Postern.ControlPlane.Resources.NamedValues;
using Postern.Snapshots.Redis;

namespace Postern.ControlPlane.Resources.Caches;

/// <summary>An external cache. The connection string is moved to a named value, as the product does.</summary>
internal sealed class CacheKind(KindServices services) : ResourceKind("Microsoft.ApiManagement/service/caches")
{
    private const string Connection = "connectionString";

    private static readonly Member[] Declared =
    [
        Member.Text(Connection, 0, 300).Required(),
        Member.Text("useFromLocation", 0, 256).Required(),
        Member.Text("description", 0, 2000),
        Member.Text("resourceId", 0, 2000),
    ];

    public override IReadOnlyList<Member> Members => Declared;

    public override async ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        var given = change.Properties.Text(Connection)!;
        if (await ProblemAsync(change.ParentId, given, cancellation) is { } problem)
        {
            change.Problem(Connection, $"'{Connection}' can't be used: {problem}");
            return null;
        }

        change.Properties[Connection] = MovedSecret.Move(services, change, $"Cache-{change.Name}", given);
        return null;
    }

    /// <summary>Gateways read it with the same reader. A reference to a key vault has no value yet that could be read.</summary>
    private async ValueTask<string?> ProblemAsync(string serviceId, string text, CancellationToken cancellation)
    {
        if (MovedSecret.ReferenceIn(text) is { } name)
        {
            var (found, value) = await MovedSecret.FindAsync(services, serviceId, name, cancellation);
            if (!found || value is null)
            {
                return found ? null : $"there is no named value '{name}'.";
            }

            text = value;
        }

        try
        {
            RedisConnectionString.Parse(text);
            return null;
        }
        catch (FormatException broken)
        {
            return broken.Message;
        }
    }
}

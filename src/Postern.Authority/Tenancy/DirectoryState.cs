using System.Collections.Immutable;

namespace Postern.Authority.Tenancy;

/// <summary>
/// The whole directory at one moment, immutable; readers take the current one and never wait. It is meant for thousands of objects, not
/// for millions: all of it is in memory, the database only keeps it.
/// </summary>
internal sealed record DirectoryState
{
    private static readonly StringComparer Ids = StringComparer.OrdinalIgnoreCase;

    public ImmutableDictionary<string, Tenant> Tenants { get; private init; } = ImmutableDictionary.Create<string, Tenant>(Ids);

    public ImmutableDictionary<string, Application> Applications { get; private init; } = ImmutableDictionary.Create<string, Application>(Ids);

    public ImmutableDictionary<string, ServicePrincipal> Principals { get; private init; } =
        ImmutableDictionary.Create<string, ServicePrincipal>(Ids);

    public ImmutableDictionary<string, DirectoryGroup> Groups { get; private init; } = ImmutableDictionary.Create<string, DirectoryGroup>(Ids);

    private ImmutableDictionary<string, string> ApplicationsByAppId { get; init; } = ImmutableDictionary.Create<string, string>(Ids);

    /// <summary>Identifier URIs without a slash at the end.</summary>
    private ImmutableDictionary<string, string> ApplicationsByUri { get; init; } = ImmutableDictionary.Create<string, string>(Ids);

    private ImmutableDictionary<string, string> PrincipalsByApp { get; init; } = ImmutableDictionary.Create<string, string>(Ids);

    private ImmutableDictionary<string, string> PrincipalsByResource { get; init; } = ImmutableDictionary.Create<string, string>(Ids);

    /// <summary>Member to the groups that name it.</summary>
    private ImmutableDictionary<string, ImmutableHashSet<string>> MemberOf { get; init; } =
        ImmutableDictionary.Create<string, ImmutableHashSet<string>>(Ids);

    public Application? ApplicationByAppId(string appId) => ApplicationsByAppId.TryGetValue(appId, out var id) ? Applications[id] : null;

    /// <summary>The application that tokens for this audience are meant for: one with that identifier URI, or that client id.</summary>
    public Application? ApplicationByAudience(string audience) =>
        ApplicationsByUri.TryGetValue(audience.TrimEnd('/'), out var id) ? Applications[id] : ApplicationByAppId(audience);

    public ServicePrincipal? PrincipalByAppId(string tenantId, string appId) =>
        PrincipalsByApp.TryGetValue(Key(tenantId, appId), out var id) ? Principals[id] : null;

    public ServicePrincipal? PrincipalByResource(string tenantId, string armId) =>
        PrincipalsByResource.TryGetValue(Key(tenantId, armId), out var id) ? Principals[id] : null;

    public bool Exists(string objectId) => Applications.ContainsKey(objectId) || Principals.ContainsKey(objectId) || Groups.ContainsKey(objectId);

    /// <summary>Groups that the object is in, directly and through other groups. Circles of groups do no harm.</summary>
    public IReadOnlyCollection<string> GroupsOf(string objectId, bool transitive = true)
    {
        var found = new HashSet<string>(Ids);
        var left = new Stack<string>([objectId]);
        while (left.TryPop(out var member))
        {
            foreach (var group in MemberOf.GetValueOrDefault(member, []))
            {
                if (found.Add(group) && transitive)
                {
                    left.Push(group);
                }
            }
        }

        return found;
    }

    public DirectoryState With(Tenant tenant) => this with { Tenants = Tenants.SetItem(tenant.Id, tenant) };

    public DirectoryState With(Application application)
    {
        var without = Applications.TryGetValue(application.ObjectId, out var old) ? Without(old) : this;
        return without with
        {
            Applications = without.Applications.SetItem(application.ObjectId, application),
            ApplicationsByAppId = without.ApplicationsByAppId.SetItem(application.AppId, application.ObjectId),
            ApplicationsByUri = without.ApplicationsByUri.SetItems(
                application.IdentifierUris.Select(uri => KeyValuePair.Create(uri.TrimEnd('/'), application.ObjectId))),
        };
    }

    public DirectoryState With(ServicePrincipal principal)
    {
        var without = Principals.TryGetValue(principal.ObjectId, out var old) ? Without(old) : this;
        return without with
        {
            Principals = without.Principals.SetItem(principal.ObjectId, principal),
            PrincipalsByApp = without.PrincipalsByApp.SetItem(Key(principal.TenantId, principal.AppId), principal.ObjectId),
            PrincipalsByResource = principal.OwningResource is { } resource
                ? without.PrincipalsByResource.SetItem(Key(principal.TenantId, resource), principal.ObjectId)
                : without.PrincipalsByResource,
        };
    }

    public DirectoryState With(DirectoryGroup group)
    {
        var without = Groups.TryGetValue(group.ObjectId, out var old) ? Without(old) : this;
        var memberOf = without.MemberOf;
        foreach (var member in group.Members)
        {
            memberOf = memberOf.SetItem(member, memberOf.GetValueOrDefault(member, ImmutableHashSet.Create<string>(Ids)).Add(group.ObjectId));
        }

        return without with { Groups = without.Groups.SetItem(group.ObjectId, group), MemberOf = memberOf };
    }

    public DirectoryState Without(Application application) => this with
    {
        Applications = Applications.Remove(application.ObjectId),
        ApplicationsByAppId = ApplicationsByAppId.Remove(application.AppId),
        ApplicationsByUri = ApplicationsByUri.RemoveRange(application.IdentifierUris.Select(uri => uri.TrimEnd('/'))),
    };

    public DirectoryState Without(ServicePrincipal principal) => this with
    {
        Principals = Principals.Remove(principal.ObjectId),
        PrincipalsByApp = PrincipalsByApp.Remove(Key(principal.TenantId, principal.AppId)),
        PrincipalsByResource = principal.OwningResource is { } resource
            ? PrincipalsByResource.Remove(Key(principal.TenantId, resource))
            : PrincipalsByResource,
    };

    public DirectoryState Without(DirectoryGroup group)
    {
        var memberOf = MemberOf;
        foreach (var member in group.Members)
        {
            var left = memberOf[member].Remove(group.ObjectId);
            memberOf = left.IsEmpty ? memberOf.Remove(member) : memberOf.SetItem(member, left);
        }

        return this with { Groups = Groups.Remove(group.ObjectId), MemberOf = memberOf };
    }

    private static string Key(string tenantId, string name) => $"{tenantId}|{name}";
}

using Postern.Policies.Runtime;
using Postern.Snapshots;

namespace Postern.Gateway.State;

internal enum SubscriptionScope : byte
{
    /// <summary>The built-in all-access subscription.</summary>
    AllAccess,
    AllApis,
    Api,
    Product,
}

/// <summary>A subscription as one of its two keys found it: <see cref="Key"/> is the key that the caller used.</summary>
internal sealed class SubscriptionState : ISubscription
{
    public SubscriptionState(SubscriptionSnapshot snapshot, string key, UserState? owner)
    {
        Snapshot = snapshot;
        Key = key;
        Owner = owner;
        IsActive = snapshot.State.Equals("active", StringComparison.OrdinalIgnoreCase);
        (Scope, TargetId) = ReadScope(snapshot.Scope);
    }

    public SubscriptionSnapshot Snapshot { get; }

    public UserState? Owner { get; }

    public bool IsActive { get; }

    public SubscriptionScope Scope { get; }

    /// <summary>API or product id; empty for the wide scopes.</summary>
    public string TargetId { get; }

    /// <summary>The product of a product-scoped subscription, when this gateway has it.</summary>
    public ProductState? Product { get; set; }

    public string Id => Snapshot.Id;

    public string Name => Snapshot.Name;

    public string Key { get; }

    public string PrimaryKey => Snapshot.PrimaryKey;

    public string SecondaryKey => Snapshot.SecondaryKey;

    public DateTime CreatedDate => Snapshot.CreatedDate.UtcDateTime;

    public DateTime CreatedTime => Snapshot.CreatedDate.UtcDateTime;

    public DateTime? StartDate => Snapshot.StartDate?.UtcDateTime;

    public DateTime? EndDate => Snapshot.EndDate?.UtcDateTime;

    private static (SubscriptionScope Scope, string TargetId) ReadScope(string scope) => scope switch
    {
        "all" => (SubscriptionScope.AllAccess, ""),
        "apis" => (SubscriptionScope.AllApis, ""),
        _ when scope.StartsWith("apis/", StringComparison.Ordinal) => (SubscriptionScope.Api, scope["apis/".Length..]),
        _ when scope.StartsWith("products/", StringComparison.Ordinal) => (SubscriptionScope.Product, scope["products/".Length..]),
        _ => throw new FormatException($"The subscription scope '{scope}' is unknown."),
    };
}

internal sealed class UserState(UserSnapshot snapshot) : IUser
{
    public string Id => snapshot.Id;

    public string Email => snapshot.Email;

    public string FirstName => snapshot.FirstName;

    public string LastName => snapshot.LastName;

    public string Note => snapshot.Note ?? "";

    public DateTime RegistrationDate => snapshot.RegistrationDate.UtcDateTime;

    public IEnumerable<IGroup> Groups { get; } = GroupState.Of(snapshot.Groups);

    public IEnumerable<IUserIdentity> Identities => [];
}

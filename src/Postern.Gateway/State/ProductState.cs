using Postern.Policies.Runtime;
using Postern.Snapshots;

namespace Postern.Gateway.State;

internal sealed class ProductState(ProductSnapshot snapshot, int index) : IProduct
{
    private readonly List<ApiState> _apis = [];

    /// <summary>Place in the state's list of products.</summary>
    public int Index { get; } = index;

    public ProductSnapshot Snapshot { get; } = snapshot;

    public string Id => Snapshot.Id;

    public string Name => Snapshot.Name;

    public bool ApprovalRequired => Snapshot.ApprovalRequired;

    public bool SubscriptionRequired => Snapshot.SubscriptionRequired;

    public Policies.Runtime.ProductState State { get; } = snapshot.State.Equals("published", StringComparison.OrdinalIgnoreCase)
        ? Policies.Runtime.ProductState.Published
        : Policies.Runtime.ProductState.NotPublished;

    public int? SubscriptionLimit => Snapshot.SubscriptionsLimit;

    public int? SubscriptionsLimit => Snapshot.SubscriptionsLimit;

    public IEnumerable<IGroup> Groups { get; } = GroupState.Of(snapshot.Groups);

    public IEnumerable<IApi> Apis => _apis;

    internal void Hold(ApiState api) => _apis.Add(api);
}

internal sealed record GroupState(string Id, string Name) : IGroup
{
    public static IReadOnlyList<IGroup> Of(IReadOnlyList<GroupSnapshot> groups) => [.. groups.Select(group => new GroupState(group.Id, group.Name))];
}

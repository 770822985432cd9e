using Postern.Policies.Runtime;

namespace Postern.Policies.Tests;

internal sealed record OneSubscription(string Id) : ISubscription
{
    public string Name => Id;

    public string Key => "k";

    public string PrimaryKey => "k";

    public string SecondaryKey => "k";

    public DateTime CreatedDate => default;

    public DateTime CreatedTime => default;

    public DateTime? StartDate => null;

    public DateTime? EndDate => null;
}

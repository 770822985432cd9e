using Postern.Policies.Runtime;

namespace Postern.Bench.Subjects;

internal sealed class BenchApi : IApi, ISubscriptionKeyParameterNames
{
    public static BenchApi Instance { get; } = new();

    public string Id => "orders";

    public string Name => "Orders";

    public string Path => "shop";

    public IEnumerable<string> Protocols => ["https"];

    public IUrl? ServiceUrl => null;

    public ISubscriptionKeyParameterNames SubscriptionKeyParameterNames => this;

    public bool IsCurrentRevision => true;

    public string Revision => "1";

    public string? Version => null;

    public string Header => "Ocp-Apim-Subscription-Key";

    public string Query => "subscription-key";
}

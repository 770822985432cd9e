using Postern.Gateway.Routing;
using Postern.Policies;
using Postern.Policies.Runtime;
using Postern.Snapshots;

namespace Postern.Gateway.State;

[Flags]
internal enum ApiProtocol : byte
{
    None = 0,
    Http = 1,
    Https = 2,
    Ws = 4,
    Wss = 8,
}

/// <summary>An API of one state: what routing, the subscription check and expressions need to know about it.</summary>
internal sealed class ApiState : IApi, ISubscriptionKeyParameterNames
{
    private readonly List<ProductState> _products = [];
    private IPolicyProgram?[]? _programs;

    public ApiState(ApiSnapshot snapshot, OperationTree operations)
    {
        Snapshot = snapshot;
        Operations = operations;
        IsGrpc = snapshot.Type.Equals("grpc", StringComparison.OrdinalIgnoreCase);
        IsSoap = snapshot.Type.Equals("soap", StringComparison.OrdinalIgnoreCase);
        Backend = snapshot.ServiceUrl is null ? null : ServiceUri.Parse(snapshot.ServiceUrl);
        ServiceUrl = Backend is null ? null : new UrlState(Backend);
        Protocols = [.. snapshot.Protocols];
        foreach (var protocol in snapshot.Protocols)
        {
            AcceptedProtocols |= Enum.TryParse<ApiProtocol>(protocol, ignoreCase: true, out var known) ? known : ApiProtocol.None;
        }

        var bySegment = snapshot.VersionSet is { } set && set.Scheme.Equals("Segment", StringComparison.OrdinalIgnoreCase);
        RoutePath = bySegment && !string.IsNullOrEmpty(snapshot.Version) ? $"{snapshot.Path}/{snapshot.Version}" : snapshot.Path;
        VersionSet = bySegment ? null : snapshot.VersionSet;
        VersionIdentifier = bySegment || VersionSet is null || string.IsNullOrEmpty(snapshot.Version) ? null : snapshot.Version;
    }

    public ApiSnapshot Snapshot { get; }

    public OperationTree Operations { get; }

    /// <summary>Default base address of the backend; null when a policy must set one.</summary>
    public Uri? Backend { get; }

    public ApiProtocol AcceptedProtocols { get; }

    public bool IsGrpc { get; }

    public bool IsSoap { get; }

    /// <summary>Path below the host, with the version when it is a segment.</summary>
    public string RoutePath { get; }

    /// <summary>Null unless versions are told apart by header or query parameter.</summary>
    public VersionSetSnapshot? VersionSet { get; }

    /// <summary>Null for an unversioned API and for the original of a version set.</summary>
    public string? VersionIdentifier { get; }

    /// <summary>The product that needs no subscription and holds the API; an API is in at most one.</summary>
    public ProductState? OpenProduct { get; private set; }

    public string Id => Snapshot.Id;

    public string Name => Snapshot.Name;

    public string Path => Snapshot.Path;

    /// <summary>A copy that nobody can change: expressions may cast.</summary>
    public IEnumerable<string> Protocols { get; }

    public IUrl? ServiceUrl { get; }

    public ISubscriptionKeyParameterNames SubscriptionKeyParameterNames => this;

    public bool IsCurrentRevision => Snapshot.IsCurrent;

    public string Revision => Snapshot.Revision;

    public string? Version => Snapshot.Version;

    string ISubscriptionKeyParameterNames.Header => Snapshot.KeyHeader;

    string ISubscriptionKeyParameterNames.Query => Snapshot.KeyQuery;

    public bool IsIn(ProductState product) => _products.Contains(product);

    /// <summary>The place of the effective policy for an operation called under a product; filled when first asked for.</summary>
    public ref IPolicyProgram? Program(OperationState operation, ProductState? product)
    {
        var row = product is null ? 0 : _products.IndexOf(product) + 1;
        var programs = _programs ??= new IPolicyProgram?[(_products.Count + 1) * Operations.Operations.Count];
        return ref programs[(row * Operations.Operations.Count) + operation.Index];
    }

    internal void Join(ProductState product)
    {
        _products.Add(product);
        product.Hold(this);
        if (!product.SubscriptionRequired)
        {
            OpenProduct ??= product;
        }
    }
}

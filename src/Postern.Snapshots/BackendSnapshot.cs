namespace Postern.Snapshots;

/// <summary>A backend entity: one address, or a pool of other backends.</summary>
/// <param name="Url">Base address; empty for a pool.</param>
/// <param name="Headers">Added to each request to this backend.</param>
public sealed record BackendSnapshot(
    string Id,
    string Url,
    string Protocol,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Headers,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Query,
    string? AuthorizationScheme,
    string? AuthorizationParameter,
    bool ValidateCertificateChain,
    bool ValidateCertificateName) : SnapshotEntity
{
    public override string Key => $"backends/{Id}";

    /// <summary>Null when the entity names none.</summary>
    public string? AzureRegion { get; init; }

    /// <summary>HTTP proxy for this backend; null for the gateway's own way out.</summary>
    public BackendProxySnapshot? Proxy { get; init; }

    /// <summary>Names of certificate entities, the first usable of which is shown to the backend; null for none.</summary>
    public IReadOnlyList<string>? CertificateIds { get; init; }

    /// <summary>Thumbprints of such certificates, where the entity names no ids; null for none.</summary>
    public IReadOnlyList<string>? CertificateThumbprints { get; init; }

    /// <summary>Which server certificates are accepted; null for every one that the machine trusts.</summary>
    public BackendPinsSnapshot? Pins { get; init; }

    /// <summary>Null when no circuit breaker is configured.</summary>
    public IReadOnlyList<CircuitRuleSnapshot>? CircuitRules { get; init; }

    /// <summary>Set when the backend is a pool.</summary>
    public BackendPoolSnapshot? Pool { get; init; }
}

/// <param name="Url"><c>http://host:port</c>.</param>
public sealed record BackendProxySnapshot(string Url, string? UserName, string? Password);

/// <param name="Thumbprints">SHA-1 or SHA-256 in hex.</param>
public sealed record BackendPinsSnapshot(IReadOnlyList<string> Thumbprints, IReadOnlyList<CertificateNameSnapshot> Names);

/// <param name="Name">Common or DNS name of the server's certificate.</param>
/// <param name="IssuerThumbprint">Of an issuer in its chain; null when any trusted authority will do.</param>
public sealed record CertificateNameSnapshot(string Name, string? IssuerThumbprint);

/// <summary>When a backend is left alone for a while.</summary>
/// <param name="Count">Failures within <paramref name="Interval"/> that open the circuit; null when only the percentage counts.</param>
/// <param name="Percentage">Of the calls within <paramref name="Interval"/>.</param>
/// <param name="Reasons">Of calls that got no answer: <c>Timeout</c>, <c>BackendConnectionFailure</c>; other texts are kept and match nothing.</param>
/// <param name="TripDuration">How long the circuit stays open.</param>
/// <param name="AcceptRetryAfter">A failing answer's <c>Retry-After</c> replaces <paramref name="TripDuration"/>.</param>
/// <param name="FailureStatus">Status for callers while it is open; null for 503.</param>
public sealed record CircuitRuleSnapshot(
    string Name,
    int? Count,
    double? Percentage,
    TimeSpan Interval,
    IReadOnlyList<StatusRangeSnapshot> Statuses,
    IReadOnlyList<string> Reasons,
    TimeSpan TripDuration,
    bool AcceptRetryAfter,
    int? FailureStatus);

/// <summary>Both ends belong to the range.</summary>
public sealed record StatusRangeSnapshot(int Min, int Max);

/// <param name="SessionCookie">Name of the cookie that keeps a caller at one member; null without session affinity.</param>
/// <param name="FailureStatus">Status for callers while no member can be called; null for 503.</param>
public sealed record BackendPoolSnapshot(IReadOnlyList<PoolMemberSnapshot> Members, string? SessionCookie, int? FailureStatus);

/// <param name="BackendId">A single backend of the same snapshot.</param>
/// <param name="Weight">Share within its priority group; null counts as 1, 0 takes part only when nobody else of the group can.</param>
/// <param name="Priority">The lowest number is used first; null counts as 1.</param>
public sealed record PoolMemberSnapshot(string BackendId, int? Weight, int? Priority);

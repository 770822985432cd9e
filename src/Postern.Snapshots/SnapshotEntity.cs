using System.Text.Json.Serialization;

namespace Postern.Snapshots;

/// <summary>
/// One thing that a gateway must know: an API with its operations, a product, a subscription, a policy document…
/// A snapshot is a set of entities with unique keys; a change is a list of entities put and keys removed.
/// </summary>
/// <remarks>The discriminator is <c>kind</c>. A new kind is a new record here and nothing else on the wire.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(ServiceSnapshot), "service")]
[JsonDerivedType(typeof(ApiSnapshot), "api")]
[JsonDerivedType(typeof(ProductSnapshot), "product")]
[JsonDerivedType(typeof(SubscriptionSnapshot), "subscription")]
[JsonDerivedType(typeof(UserSnapshot), "user")]
[JsonDerivedType(typeof(PolicySnapshot), "policy")]
[JsonDerivedType(typeof(PolicyFragmentSnapshot), "policyFragment")]
[JsonDerivedType(typeof(NamedValueSnapshot), "namedValue")]
[JsonDerivedType(typeof(BackendSnapshot), "backend")]
[JsonDerivedType(typeof(DebugCredentialsSnapshot), "debugCredentials")]
[JsonDerivedType(typeof(LoggerSnapshot), "logger")]
[JsonDerivedType(typeof(CacheSnapshot), "cache")]
[JsonDerivedType(typeof(SchemaSnapshot), "schema")]
[JsonDerivedType(typeof(ApiDescriptionSnapshot), "apiDescription")]
[JsonDerivedType(typeof(HostnameSnapshot), "hostname")]
[JsonDerivedType(typeof(CertificateAuthoritySnapshot), "certificateAuthority")]
[JsonDerivedType(typeof(CertificateSnapshot), "certificate")]
public abstract record SnapshotEntity
{
    /// <summary>Unique in a snapshot: <c>service</c>, <c>apis/echo</c>, <c>policies/apis/echo/operations/get</c>, …</summary>
    [JsonIgnore]
    public abstract string Key { get; }
}

/// <summary>The service and the gateway resource that the snapshot was made for.</summary>
/// <param name="ServiceId">ARM id of the service.</param>
/// <param name="Region">The gateway's location label (<c>locationData.name</c>); empty when it has none.</param>
public sealed record ServiceSnapshot(string ServiceId, string ServiceName, string GatewayId, string Region) : SnapshotEntity
{
    public override string Key => "service";
}

/// <param name="Id">Resource name without <c>;rev=</c>.</param>
/// <param name="Path">Relative path below the host, no slash at either end; empty for the root.</param>
/// <param name="Protocols"><c>http</c>, <c>https</c>, <c>ws</c>, <c>wss</c>.</param>
/// <param name="ServiceUrl">Default backend; null when policies must set one.</param>
/// <param name="Type"><c>http</c>, <c>soap</c>, <c>websocket</c>, <c>graphql</c>, <c>grpc</c> or <c>odata</c>.</param>
public sealed record ApiSnapshot(
    string Id,
    string Name,
    string Path,
    IReadOnlyList<string> Protocols,
    string? ServiceUrl,
    bool SubscriptionRequired,
    string KeyHeader,
    string KeyQuery,
    string Type,
    string Revision,
    bool IsCurrent,
    string? Version,
    VersionSetSnapshot? VersionSet,
    IReadOnlyList<OperationSnapshot> Operations) : SnapshotEntity
{
    /// <summary>Current and other revisions are entities of their own.</summary>
    public override string Key => IsCurrent ? $"apis/{Id}" : $"apis/{Id};rev={Revision}";
}

/// <param name="Scheme"><c>Segment</c>, <c>Header</c> or <c>Query</c>.</param>
/// <param name="Name">Header or query parameter name; null for <c>Segment</c>.</param>
public sealed record VersionSetSnapshot(string Id, string Scheme, string? Name);

/// <param name="Method">Upper case; <c>*</c> matches every method.</param>
/// <param name="UrlTemplate">As in the product: <c>/orders/{id}?expand={expand}</c>, <c>/*</c>.</param>
public sealed record OperationSnapshot(string Id, string Name, string Method, string UrlTemplate);

/// <param name="State"><c>published</c> or <c>notPublished</c>; informative at the gateway.</param>
/// <param name="ApiIds">Names of the product's APIs that this gateway exposes.</param>
public sealed record ProductSnapshot(
    string Id,
    string Name,
    bool SubscriptionRequired,
    bool ApprovalRequired,
    int? SubscriptionsLimit,
    string State,
    IReadOnlyList<string> ApiIds,
    IReadOnlyList<GroupSnapshot> Groups) : SnapshotEntity
{
    public override string Key => $"products/{Id}";
}

public sealed record GroupSnapshot(string Id, string Name);

/// <param name="Scope"><c>all</c> (built-in all-access), <c>apis</c> (all APIs), <c>apis/{id}</c> or <c>products/{id}</c>.</param>
/// <param name="State"><c>active</c>, <c>suspended</c>, <c>cancelled</c>, <c>expired</c>, <c>submitted</c> or <c>rejected</c>.</param>
public sealed record SubscriptionSnapshot(
    string Id,
    string Name,
    string Scope,
    string State,
    string? OwnerId,
    string PrimaryKey,
    string SecondaryKey,
    DateTimeOffset CreatedDate,
    DateTimeOffset? StartDate,
    DateTimeOffset? EndDate) : SnapshotEntity
{
    public override string Key => $"subscriptions/{Id}";
}

public sealed record UserSnapshot(
    string Id,
    string Email,
    string FirstName,
    string LastName,
    string? Note,
    DateTimeOffset RegistrationDate,
    IReadOnlyList<GroupSnapshot> Groups) : SnapshotEntity
{
    public override string Key => $"users/{Id}";
}

/// <param name="Scope"><c>global</c>, <c>products/{id}</c>, <c>apis/{id}[;rev=n]</c> or <c>apis/{id}[;rev=n]/operations/{id}</c>.</param>
/// <param name="Format"><c>xml</c> or <c>rawxml</c>.</param>
/// <param name="Text">As stored: named values are not yet replaced.</param>
public sealed record PolicySnapshot(string Scope, string Format, string Text) : SnapshotEntity
{
    public override string Key => $"policies/{Scope}";
}

public sealed record PolicyFragmentSnapshot(string Id, string Format, string Text) : SnapshotEntity
{
    public override string Key => $"policyFragments/{Id}";
}

/// <param name="Name">Display name: what <c>{{name}}</c> refers to.</param>
public sealed record NamedValueSnapshot(string Id, string Name, string Value, bool Secret) : SnapshotEntity
{
    public override string Key => $"namedValues/{Id}";
}

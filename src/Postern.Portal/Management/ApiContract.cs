namespace Postern.Portal.Management;

public sealed record ApiContract(string Id, string Name, ApiPropertiesContract? Properties);

public sealed record ApiPropertiesContract(
    string? DisplayName,
    string? Description,
    string? Path,
    string? ServiceUrl,
    string? ApiRevision,
    string? ApiVersion,
    bool? IsCurrent,
    bool? SubscriptionRequired,
    IReadOnlyList<string>? Protocols);

public sealed record OperationContract(string Id, string Name, OperationPropertiesContract? Properties);

public sealed record OperationPropertiesContract(string? DisplayName, string? Method, string? UrlTemplate, string? Description);

public sealed record PolicyContract(PolicyPropertiesContract Properties);

public sealed record PolicyPropertiesContract(string Value, string? Format);

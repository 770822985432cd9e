namespace Postern.Portal.Management;

public sealed record GatewayContract(string Id, string Name, GatewayPropertiesContract? Properties);

public sealed record GatewayPropertiesContract(string? Description, LocationContract? LocationData);

public sealed record LocationContract(string? Name, string? City, string? District, string? CountryOrRegion);

/// <summary>A process that runs as a gateway, as the control plane knows it from its heartbeats.</summary>
public sealed record InstanceContract(string Name, InstancePropertiesContract Properties);

/// <param name="State"><c>Healthy</c>, <c>Stale</c> (silent for too long) or <c>Failed</c> (a configuration was refused, or none is applied).</param>
public sealed record InstancePropertiesContract(
    string? Host,
    string? Version,
    double UptimeSeconds,
    DateTimeOffset? LastHeartbeat,
    string State,
    long? AppliedRevision,
    long? RejectedRevision,
    string? RejectedReason);

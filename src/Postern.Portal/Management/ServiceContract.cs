namespace Postern.Portal.Management;

public sealed record ServiceContract(string Id, string Name, string? Location, SkuContract? Sku, IdentityContract? Identity, ServicePropertiesContract? Properties);

public sealed record SkuContract(string? Name, int? Capacity);

/// <param name="PrincipalId">Object id of the system-assigned identity, which validates gateways' access; null when there is none.</param>
public sealed record IdentityContract(string? Type, string? PrincipalId, string? TenantId);

public sealed record ServicePropertiesContract(string? ProvisioningState, string? GatewayUrl, string? PublisherName, string? PublisherEmail);

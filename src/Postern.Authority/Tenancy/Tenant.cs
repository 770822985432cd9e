namespace Postern.Authority.Tenancy;

internal sealed record Tenant(string Id, DateTimeOffset Created);

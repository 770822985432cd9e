namespace Postern.Snapshots;

/// <summary>A schema that policies check bodies against. Published only where a policy does.</summary>
/// <param name="Owner"><c>apis/{id}[;rev=n]</c> for a schema of one API; null for one of the whole service.</param>
/// <param name="ContentType">
/// The product's: <c>application/vnd.oai.openapi.components+json</c>, <c>application/vnd.ms-azure-apim.swagger.definitions+json</c>,
/// <c>application/vnd.ms-azure-apim.xsd+xml</c>; <c>application/json</c> or <c>application/xml</c> for one of the service.
/// </param>
/// <param name="Text">JSON or XSD.</param>
public sealed record SchemaSnapshot(string? Owner, string Id, string ContentType, string Text) : SnapshotEntity
{
    public override string Key => KeyOf(Owner, Id);

    public static string KeyOf(string? owner, string id) => owner is null ? $"schemas/{id}" : $"schemas/{owner}/{id}";
}

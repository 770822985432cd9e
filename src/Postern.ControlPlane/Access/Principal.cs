namespace Postern.ControlPlane.Access;

/// <summary>An authenticated Entra caller: what a valid token says of who sent it.</summary>
/// <param name="ObjectId">The <c>oid</c> claim: object id of the user or service principal; what role assignments name.</param>
/// <param name="TenantId">The <c>tid</c> claim.</param>
/// <param name="ApplicationId">The <c>appid</c> or <c>azp</c> claim: the client that got the token.</param>
internal sealed record Principal(string ObjectId, string TenantId, string? ApplicationId)
{
    /// <summary>How error messages name the caller: the application where known, as the product does.</summary>
    public string ClientName => ApplicationId ?? ObjectId;
}

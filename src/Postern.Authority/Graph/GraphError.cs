namespace Postern.Authority.Graph;

/// <summary>A refusal in Microsoft Graph's terms.</summary>
internal sealed record GraphError(int Status, string Code, string Message)
{
    public static GraphError Unauthenticated(string why) => new(401, "InvalidAuthenticationToken", why);

    public static GraphError ReadOnly { get; } = new(403, "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation: the caller may read the directory, not change it.");

    public static GraphError NotFound(string id) => new(404, "Request_ResourceNotFound",
        $"Resource '{id}' does not exist or one of its queried reference-property objects are not present.");

    public static GraphError UnknownPath { get; } = new(404, "ResourceNotFound",
        "This part of Microsoft Graph is not offered here; docs/authority.md lists what is.");

    public static GraphError BadRequest(string why) => new(400, "Request_BadRequest", why);

    public static GraphError BadFilter(string why) => new(400, "Request_UnsupportedQuery", why);

    public static GraphError Conflict(string why) => new(409, "Request_MultipleObjectsWithSameKeyValue", why);
}

namespace Postern.Authority.Tokens;

/// <summary>Why no token is issued, in Entra's terms. A value: refusals are part of normal life.</summary>
/// <param name="Error">OAuth 2.0 error (RFC 6749 §5.2).</param>
/// <param name="Code">Number of the AADSTS code.</param>
/// <param name="Message">For people; never holds a secret or an assertion.</param>
/// <param name="RetryAfter">Only with 429 and 503.</param>
internal sealed record TokenRefusal(int Status, string Error, int Code, string Message, TimeSpan? RetryAfter = null)
{
    public static TokenRefusal Malformed { get; } = new(400, "invalid_request", 9002313, "Invalid request. Request is malformed or invalid.");

    public static TokenRefusal NoTenant { get; } = new(400, "invalid_request", 50059,
        "No tenant-identifying information found in either the request or implied by any provided credentials.");

    public static TokenRefusal NoCredentials { get; } = new(401, "invalid_client", 7000216,
        "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.");

    public static TokenRefusal PostOnly(string method) => new(405, "invalid_request", 900561,
        $"The endpoint only accepts POST requests. Received a {method} request.");

    public static TokenRefusal MissingParameter(string name) => new(400, "invalid_request", 900144,
        $"The request body must contain the following parameter: '{name}'.");

    public static TokenRefusal RepeatedParameter(string name) => new(400, "invalid_request", 9000411,
        $"The request is not properly formatted. The parameter '{name}' is duplicated.");

    public static TokenRefusal UnknownTenant(string tenant) => new(400, "invalid_request", 90002,
        $"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.");

    public static TokenRefusal UnsupportedGrant(string grant) => new(400, "unsupported_grant_type", 70003,
        $"The app requested an unsupported grant type '{grant}'.");

    public static TokenRefusal UnknownApplication(string client, string tenant) => new(400, "unauthorized_client", 700016,
        $"Application with identifier '{client}' was not found in the directory '{tenant}'. This can happen if the application has not been "
        + "registered in this tenant. You may have sent your authentication request to the wrong tenant.");

    public static TokenRefusal NoServicePrincipal(string client, string tenant) => new(401, "unauthorized_client", 7000229,
        $"The client application {client} is missing service principal in the tenant {tenant}.");

    public static TokenRefusal Disabled(string client, string name) => new(401, "unauthorized_client", 7000112,
        $"Application '{client}'({name}) is disabled.");

    public static TokenRefusal WrongSecret(string client) => new(401, "invalid_client", 7000215,
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, "
        + $"for a secret added to app '{client}'.");

    public static TokenRefusal ExpiredSecret(string client) => new(401, "invalid_client", 7000222,
        $"The provided client secret keys for app '{client}' are expired. Create new keys for the app.");

    public static TokenRefusal InvalidScope(string scope, string why) => new(400, "invalid_scope", 70011,
        $"The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. "
        + $"The scope {scope} is not valid: {why}.");

    public static TokenRefusal ScopeWithoutDefault(string scope) => new(400, "invalid_scope", 1002012,
        $"The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the "
        + "resource identifier (application ID URI).");

    public static TokenRefusal UnknownResource(string resource, string tenant) => new(400, "invalid_resource", 500011,
        $"The resource principal named {resource} was not found in the tenant named {tenant}. An audience that is no absolute URI must be the "
        + "client id of an application of this tenant.");

    public static TokenRefusal Throttled(TimeSpan retryAfter) => new(429, "temporarily_unavailable", 90055,
        "The request was throttled: too many failed logins. Try again later.", retryAfter);
}

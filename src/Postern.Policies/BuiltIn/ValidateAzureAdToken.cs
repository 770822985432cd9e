using Postern.Policies.Language;
using Postern.Policies.Runtime;
using Postern.Policies.Tokens;

namespace Postern.Policies.BuiltIn;

[Policy("validate-azure-ad-token", In.Inbound, Summary = "Lets requests through that bring a valid token of a Microsoft Entra tenant; others are answered with 401.")]
internal sealed record ValidateAzureAdTokenPolicy : Policy
{
    private const string PublicCloud = "https://login.microsoftonline.com";

    /// <summary>Where personal accounts live; <c>organizations</c> means everybody else.</summary>
    private const string PersonalAccounts = "9188040d-6c67-4c5b-b112-36a304b66dad";

    [XmlAttribute("tenant-id", Summary = "GUID, domain or address of the tenant; organizations or common for any.")]
    public required Value<string> Tenant { get; init; }

    [XmlAttribute("authentication-endpoint", Summary = "Sign-in address of the tenant's cloud, such as https://login.microsoftonline.us, when tenant-id is no address itself.")]
    public string Endpoint { get; init; } = PublicCloud;

    [XmlAttribute("header-name", Summary = "Header that holds the token; Authorization unless another place is named.")]
    public Value<string>? HeaderName { get; init; }

    [XmlAttribute("query-parameter-name", Summary = "Query parameter that holds the token.")]
    public Value<string>? QueryParameterName { get; init; }

    [XmlAttribute("token-value", AllowsEmpty = true, Summary = "The token, without a scheme.")]
    public Value<string>? TokenValue { get; init; }

    [XmlAttribute("failed-validation-httpcode", Min = 200, Max = 599, Summary = "Status for refused requests.")]
    public Value<int> FailedCode { get; init; } = 401;

    [XmlAttribute("failed-validation-error-message", AllowsEmpty = true, Summary = "Message for refused requests; else it tells what is wrong.")]
    public Value<string>? FailedMessage { get; init; }

    [XmlAttribute("output-token-variable-name", Summary = "Variable that gets the token as a Jwt object.")]
    public string? Variable { get; init; }

    [XmlChild("client-application-ids", Summary = "Accepted callers: the token's appid or azp.")]
    public ApplicationsPart? Clients { get; init; }

    [XmlChild("backend-application-ids", Summary = "Accepted targets, beside the audiences.")]
    public ApplicationsPart? Backends { get; init; }

    [XmlChild("audiences", Summary = "Accepted audiences.")]
    public AudiencesPart? Audiences { get; init; }

    [XmlChild("required-claims", Summary = "Claims that must be there.")]
    public RequiredClaimsPart? RequiredClaims { get; init; }

    [XmlChild("decryption-keys", Summary = "Keys that encrypted tokens are opened with.")]
    public DecryptionKeysPart? DecryptionKeys { get; init; }

    public override void Validate(PolicyRules rules)
    {
        rules.Check(new[] { HeaderName, QueryParameterName, TokenValue }.Count(source => source is not null) <= 1,
            "At most one of the attributes 'header-name', 'query-parameter-name' and 'token-value' may be there.");
        rules.Check(Cloud is not null, "Attribute 'authentication-endpoint' is not an address such as https://login.microsoftonline.us.");
        rules.Check(!Tenant.IsConstant || Authority(Tenant.Constant) is not null, "Attribute 'tenant-id' is neither a GUID, a domain nor an address.");
    }

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var isElsewhere = QueryParameterName is not null || TokenValue is not null;
        var header = HeaderName ?? (isElsewhere ? null : new Value<string>("Authorization"));
        var source = new TokenSource(header, QueryParameterName, TokenValue, HeaderName is null ? new Value<string>("Bearer") : null);
        var outcome = new TokenOutcome(FailedCode, FailedMessage, Variable);
        return async context =>
        {
            if (context.Services.Resources is not { Http: not null } resources)
            {
                return Flow.Fail(Failed("PolicyNotSupported", "This host fetches no OpenID configurations."));
            }

            if (source.Find(context) is not { } token)
            {
                return outcome.Refuse(this, context, TokenRefusal.NotPresent);
            }

            if (Authority(Tenant.Get(context)) is not { } authority)
            {
                return Flow.Fail(Failed("TenantInvalid", "The value of 'tenant-id' is neither a GUID, a domain nor an address."));
            }

            // Tokens of both versions are about, each with an issuer of its own; the keys are the same.
            var verdict = await TokenValidation.JudgeAsync(token, new()
            {
                Published =
                [
                    resources.OpenId.At(new($"{authority}/v2.0/.well-known/openid-configuration")),
                    resources.OpenId.At(new($"{authority}/.well-known/openid-configuration")),
                ],
                DecryptionKeys = DecryptionKeys?.Find(context) ?? [],
                Audiences = AcceptedAudiences(context),
                Claims = RequiredClaims?.Rules(context) ?? [],
                ExcludedTenant = authority.EndsWith("/organizations", StringComparison.OrdinalIgnoreCase) ? PersonalAccounts : null,
            }, context);
            return outcome.Apply(this, context, verdict.Refusal is null && WrongClient(verdict.Token!.Claims) is { } refusal ? refusal : verdict);
        };
    }

    private IReadOnlyList<string>? AcceptedAudiences(PolicyContext context) => Audiences is null && Backends is null
        ? null
        : [.. Audiences?.Audiences.Select(audience => audience.Get(context)) ?? [], .. Backends?.Ids.SelectMany(id => (string[])[id, $"api://{id}"]) ?? []];

    private TokenRefusal? WrongClient(IReadOnlyDictionary<string, string[]> claims)
    {
        if (Clients is null)
        {
            return null;
        }

        var name = claims.ContainsKey("appid") ? "appid" : "azp";
        if (!claims.TryGetValue(name, out var values) || values is not [var client])
        {
            return new("TokenClaimNotFound", "JWT is missing the following claims: appid, azp. Access denied.");
        }

        return Clients.Ids.Any(id => id.Equals(client, StringComparison.OrdinalIgnoreCase))
            ? null
            : new("TokenClaimValueNotAllowed", $"Claim {name} value of {TokenRefusal.Shown(client)} is not allowed. Access denied.");
    }

    private string? Cloud => OutgoingMessages.ParseAddress(Endpoint.Contains("://", StringComparison.Ordinal) ? Endpoint.Trim() : $"https://{Endpoint.Trim()}") is { } address
        && address.AbsolutePath.Length == 1 && address.Query.Length == 0 ? address.AbsoluteUri.TrimEnd('/') : null;

    /// <summary>Address below which the tenant's documents are, without a slash at the end. An address may also name another cloud or authority.</summary>
    private string? Authority(string tenant)
    {
        tenant = tenant.Trim().TrimEnd('/');
        if (OutgoingMessages.ParseAddress(tenant) is { } address)
        {
            return address.AbsolutePath.Length > 1 && address.Query.Length == 0 ? tenant : null;
        }

        return tenant.Length > 0 && tenant.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.') ? $"{Cloud}/{tenant}" : null;
    }

    private PolicyError Failed(string reason, string message) => Error(500, reason, message) with { PublicMessage = null };

    /// <summary>Application ids: any of them will do.</summary>
    internal sealed record ApplicationsPart : PolicyPart
    {
        [XmlChild("application-id", Summary = "Client id of an application.")]
        public required IReadOnlyList<string> Ids { get; init; }
    }
}

using Postern.Policies.Language;
using Postern.Policies.Runtime;
using Postern.Policies.Tokens;

namespace Postern.Policies.BuiltIn;

[Policy("validate-jwt", In.Inbound, Summary = "Lets requests through that bring a valid JSON web token; others are answered with 401.")]
internal sealed record ValidateJwtPolicy : Policy
{
    [XmlAttribute("header-name", Summary = "Header that holds the token.")]
    public Value<string>? HeaderName { get; init; }

    [XmlAttribute("query-parameter-name", Summary = "Query parameter that holds the token.")]
    public Value<string>? QueryParameterName { get; init; }

    [XmlAttribute("token-value", AllowsEmpty = true, Summary = "The token, without a scheme.")]
    public Value<string>? TokenValue { get; init; }

    [XmlAttribute("failed-validation-httpcode", Min = 200, Max = 599, Summary = "Status for refused requests.")]
    public Value<int> FailedCode { get; init; } = 401;

    [XmlAttribute("failed-validation-error-message", AllowsEmpty = true, Summary = "Message for refused requests; else it tells what is wrong.")]
    public Value<string>? FailedMessage { get; init; }

    [XmlAttribute("require-expiration-time", Summary = "Whether a token must say when it expires.")]
    public Value<bool> RequireExpirationTime { get; init; } = true;

    [XmlAttribute("require-scheme", AllowsEmpty = true, Summary = "Scheme that the Authorization header must have, such as Bearer.")]
    public Value<string>? RequireScheme { get; init; }

    [XmlAttribute("require-signed-tokens", Summary = "Whether tokens must be signed.")]
    public Value<bool> RequireSignedTokens { get; init; } = true;

    [XmlAttribute("clock-skew", Min = 0, Summary = "Seconds that the issuer's clock may differ.")]
    public Value<int> ClockSkew { get; init; } = 0;

    [XmlAttribute("output-token-variable-name", Summary = "Variable that gets the token as a Jwt object.")]
    public string? Variable { get; init; }

    [XmlChild("openid-config", Summary = "An issuer with its keys, by its OpenID configuration.")]
    public IReadOnlyList<OpenIdConfigPart> OpenIdConfigs { get; init; } = [];

    [XmlChild("issuer-signing-keys", Summary = "Keys that signatures are verified with.")]
    public SigningKeysPart? SigningKeys { get; init; }

    [XmlChild("decryption-keys", Summary = "Keys that encrypted tokens are opened with.")]
    public DecryptionKeysPart? DecryptionKeys { get; init; }

    [XmlChild("audiences", Summary = "Accepted audiences.")]
    public AudiencesPart? Audiences { get; init; }

    [XmlChild("issuers", Summary = "Accepted issuers, beside those of the OpenID configurations.")]
    public IssuersPart? Issuers { get; init; }

    [XmlChild("required-claims", Summary = "Claims that must be there.")]
    public RequiredClaimsPart? RequiredClaims { get; init; }

    public override void Validate(PolicyRules rules) =>
        rules.Check(new[] { HeaderName, QueryParameterName, TokenValue }.Count(source => source is not null) == 1,
            "Exactly one of the attributes 'header-name', 'query-parameter-name' and 'token-value' is needed.");

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var source = new TokenSource(HeaderName, QueryParameterName, TokenValue, RequireScheme);
        var outcome = new TokenOutcome(FailedCode, FailedMessage, Variable);
        var constants = SigningKeys?.Keys.Select(key => key.Constant()).OfType<TokenKey>().ToArray() ?? [];
        var uploaded = SigningKeys?.Keys.Where(key => key.CertificateId is not null).ToArray() ?? [];
        Uri[] addresses = [.. OpenIdConfigs.Select(config => OutgoingMessages.ParseAddress(config.Address)!)];
        return async context =>
        {
            if (addresses.Length > 0 && context.Services.Resources?.Http is null)
            {
                return Flow.Fail(Error(500, "PolicyNotSupported", "This host fetches no OpenID configurations.") with { PublicMessage = null });
            }

            if (source.Find(context) is not { } token)
            {
                return outcome.Refuse(this, context, TokenRefusal.NotPresent);
            }

            var verdict = await TokenValidation.JudgeAsync(token, new()
            {
                Keys = uploaded.Length == 0 ? constants : [.. constants, .. uploaded.Select(key => key.FromUploaded(context)).OfType<TokenKey>()],
                Published = [.. addresses.Select(address => context.Services.Resources!.OpenId.At(address))],
                DecryptionKeys = DecryptionKeys?.Find(context) ?? [],
                Issuers = Issuers?.Issuers.Select(issuer => issuer.Get(context)).ToArray(),
                Audiences = Audiences?.Audiences.Select(audience => audience.Get(context)).ToArray(),
                Claims = RequiredClaims?.Rules(context) ?? [],
                RequiresExpiration = RequireExpirationTime.Get(context),
                RequiresSignature = RequireSignedTokens.Get(context),
                Skew = TimeSpan.FromSeconds(ClockSkew.Get(context)),
            }, context);
            return outcome.Apply(this, context, verdict);
        };
    }
}

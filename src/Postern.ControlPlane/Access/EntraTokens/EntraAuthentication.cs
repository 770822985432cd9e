using Microsoft.Extensions.Logging;

namespace Postern.ControlPlane.Access.EntraTokens;

/// <summary>From an <c>Authorization</c> header with a bearer token to a principal, or to the 401 that says what is wrong.</summary>
internal sealed class EntraAuthentication(EntraTokenValidation validation, Uri authority, string tenantId, ILogger logger)
{
    /// <param name="audiences">Whom the token must be meant for.</param>
    public async ValueTask<Admission> AuthenticateAsync(string? authorization, IReadOnlyCollection<string> audiences, CancellationToken cancellation)
    {
        var (scheme, token) = BearerScheme.Split(authorization);
        if (scheme.Length == 0)
        {
            return Refuse(new(AccessDiagnostics.NoCredentials, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."));
        }

        if (!BearerScheme.Is(scheme, BearerScheme.Name))
        {
            return Refuse(new(AccessDiagnostics.WrongScheme, "AuthenticationFailed", "Authentication failed. The 'Authorization' header must hold a bearer token."));
        }

        var verdict = await validation.ValidateAsync(token, audiences, cancellation);
        if (verdict.Unreachable)
        {
            return new AccessRefusal(503, "AuthorityUnavailable",
                "The access token can't be judged: the authority's signing keys could not be fetched.", AccessDiagnostics.AuthorityUnreachable);
        }

        return verdict.Fault is { } fault ? Refuse(fault) : verdict.Principal!;
    }

    /// <summary>A refusal with the challenge that tells clients where to get a token.</summary>
    public AccessRefusal Refuse(TokenFault fault)
    {
        EntraTokenLog.Refused(logger, fault.Diagnostic, fault.Message);
        return new(401, fault.Code, fault.Message, fault.Diagnostic,
            $"Bearer authorization_uri=\"{authority}{tenantId}\", error=\"invalid_token\", error_description=\"{fault.Message}\"");
    }
}

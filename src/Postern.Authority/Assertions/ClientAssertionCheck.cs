using System.Collections.Immutable;
using Postern.Authority.Tenancy;
using Postern.Authority.Tokens;

namespace Postern.Authority.Assertions;

/// <summary>Does this assertion prove that client? Who issued it tells which of the two kinds it is.</summary>
internal sealed class ClientAssertionCheck(CertificateAssertionCheck certificates, FederatedAssertionCheck federated)
{
    private const string JwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    /// <param name="credentials">Of the application and of its service principal.</param>
    /// <returns>Null when it does.</returns>
    public async ValueTask<TokenRefusal?> RefuseAsync(
        TokenRequest request, string client, string tenant, ImmutableArray<Credentials> credentials, CancellationToken cancellation)
    {
        if (request.AssertionType is not { } type)
        {
            return TokenRefusal.MissingParameter("client_assertion_type");
        }

        using var assertion = type == JwtBearer ? CompactJws.Parse(request.Assertion!) : null;
        if (assertion is null)
        {
            return AssertionRefusal.Malformed;
        }

        if (SignatureAlgorithm.Named(assertion.Algorithm) is null)
        {
            return AssertionRefusal.Algorithm(assertion.Algorithm);
        }

        // A client's own assertion names the client; everyone else's issuer is an address.
        var issuer = CompactJws.Text(assertion.Payload, "iss") ?? "";
        return issuer.Contains("://", StringComparison.Ordinal)
            ? await federated.RefuseAsync(assertion, [.. credentials.SelectMany(each => each.Federated)], cancellation)
            : certificates.Refuse(assertion, client, tenant, [.. credentials.SelectMany(each => each.Certificates)]);
    }
}

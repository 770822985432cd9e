using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using Postern.Authority.Tenancy;
using Postern.Authority.Tokens;

namespace Postern.Authority.Assertions;

/// <summary>An assertion that a client signed itself, with the key of a certificate that is registered for it (RFC 7523).</summary>
/// <param name="singleUse">Refuse an assertion seen before. Off by default as in Entra: MSAL for Python, and so az, reuses one for minutes.</param>
internal sealed class CertificateAssertionCheck(AuthorityAddress address, TimeProvider time, bool singleUse)
{
    private readonly AssertionReplay _replay = new(time);

    public TokenRefusal? Refuse(CompactJws assertion, string client, string tenant, ImmutableArray<ClientCertificate> registered)
    {
        var claims = assertion.Payload;
        if (!IsClient(CompactJws.Text(claims, "iss"), client) || !IsClient(CompactJws.Text(claims, "sub"), client))
        {
            return AssertionRefusal.OtherApplication;
        }

        var (certificate, name) = NamedCertificate.Find(assertion, registered);
        if (name is null)
        {
            return AssertionRefusal.NoCertificateNamed;
        }

        if (certificate is null)
        {
            return AssertionRefusal.Signature("The key was not found.", name);
        }

        var now = time.GetUtcNow();
        if (now < certificate.Starts - AssertionTimes.Leeway || certificate.Ends <= now)
        {
            return AssertionRefusal.Signature("The key used is expired.", name);
        }

        using var parsed = X509CertificateLoader.LoadCertificate(certificate.Der);
        if (VerificationKey.Of(parsed)?.Verifies(assertion.Algorithm!, assertion.Signed, assertion.Signature) != true)
        {
            return AssertionRefusal.Signature("The provided signature value did not match the expected signature value.", name);
        }

        if (!CompactJws.HasAudience(claims, audience => IsOwn(audience, tenant)))
        {
            return AssertionRefusal.OtherAudience($"{address.Origin}/{tenant}/oauth2/v2.0/token");
        }

        return AssertionTimes.Refuse(assertion, now)
            ?? (singleUse && !_replay.IsFirstUse(client, CompactJws.Text(claims, "jti"), CompactJws.Time(claims, "exp")!.Value) ? AssertionRefusal.Replayed : null);
    }

    private static bool IsClient(string? claim, string client) => string.Equals(claim, client, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// The token endpoints and issuers of this tenant. The host is the configured one only: were the request's own accepted, an assertion
    /// made for another server could be used here.
    /// </summary>
    private bool IsOwn(string audience, string tenant) =>
        ((string[])
        [
            $"{address.Origin}/{tenant}/oauth2/v2.0/token", $"{address.Origin}/{tenant}/oauth2/token", $"{address.Origin}/adfs/oauth2/token",
            address.IssuerV2(tenant), $"{address.Origin}/{tenant}",
        ]).Contains(audience.TrimEnd('/'), StringComparer.OrdinalIgnoreCase);
}

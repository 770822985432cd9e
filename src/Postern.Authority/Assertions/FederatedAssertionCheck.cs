using System.Collections.Immutable;
using Postern.Authority.Tenancy;
using Postern.Authority.Tokens;

namespace Postern.Authority.Assertions;

/// <summary>
/// A token of another issuer, such as a Kubernetes cluster, taken in place of a credential. Issuer, subject and audience must be exactly
/// those of one federated credential before the issuer is asked for anything: so nobody is ever contacted whom no administrator named.
/// </summary>
internal sealed class FederatedAssertionCheck(IssuerKeys issuers, TimeProvider time)
{
    public async ValueTask<TokenRefusal?> RefuseAsync(CompactJws assertion, ImmutableArray<FederatedCredential> registered, CancellationToken cancellation)
    {
        var issuer = CompactJws.Text(assertion.Payload, "iss") ?? "";
        if (Match(assertion, issuer, registered) is { } mismatch)
        {
            return mismatch;
        }

        var (keys, problem) = await issuers.FindAsync(issuer, assertion.KeyId, cancellation);
        if (problem is not null)
        {
            return AssertionRefusal.IssuerUnreachable(problem);
        }

        if (keys.IsEmpty)
        {
            return AssertionRefusal.Signature("The key was not found.", assertion.KeyId ?? "");
        }

        return keys.Any(key => key.Verifies(assertion.Algorithm!, assertion.Signed, assertion.Signature))
            ? AssertionTimes.Refuse(assertion, time.GetUtcNow())
            : AssertionRefusal.Signature("The provided signature value did not match the expected signature value.", assertion.KeyId ?? "");
    }

    private static TokenRefusal? Match(CompactJws assertion, string issuer, ImmutableArray<FederatedCredential> registered)
    {
        var subject = CompactJws.Text(assertion.Payload, "sub") ?? "";
        var ofIssuer = registered.Where(trust => trust.Issuer == issuer).ToList();
        if (ofIssuer.Count == 0)
        {
            return AssertionRefusal.Issuer(issuer);
        }

        var ofSubject = ofIssuer.Where(trust => trust.Subject == subject).ToList();
        if (ofSubject.Count == 0)
        {
            return ofIssuer.Any(trust => string.Equals(trust.Subject, subject, StringComparison.OrdinalIgnoreCase))
                ? AssertionRefusal.SubjectInOtherCase(subject)
                : AssertionRefusal.Subject(subject);
        }

        return ofSubject.Any(trust => CompactJws.HasAudience(assertion.Payload, audience => trust.Audiences.Contains(audience)))
            ? null
            : AssertionRefusal.Audience(assertion.Payload.TryGetProperty("aud", out var presented) ? presented.ToString() : "");
    }
}

using System.Security.Cryptography.X509Certificates;
using Postern.Policies.Certificates;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("validate-client-certificate", In.Inbound, Summary = "Lets requests through that bring an acceptable client certificate; others are answered with 401.")]
internal sealed record ValidateClientCertificatePolicy : Policy
{
    [XmlAttribute("validate-revocation", Summary = "Ask its issuer whether the certificate was revoked, when the gateway checks revocation.")]
    public bool ValidateRevocation { get; init; } = true;

    [XmlAttribute("validate-trust", Summary = "Its chain must reach a trusted authority.")]
    public bool ValidateTrust { get; init; } = true;

    [XmlAttribute("validate-not-before", Summary = "It must be valid already.")]
    public bool ValidateNotBefore { get; init; } = true;

    [XmlAttribute("validate-not-after", Summary = "It must not have expired.")]
    public bool ValidateNotAfter { get; init; } = true;

    [XmlAttribute("ignore-error", Summary = "Go on with the next policy after a failure.")]
    public bool IgnoreError { get; init; }

    [XmlChild("identities", Summary = "Accepted identities; none: any.")]
    public IdentitiesPart? Identities { get; init; }

    private const string Revoked = "ClientCertificateRevoked";

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var verdicts = new CertificateVerdicts<CertificateFault>();
        return async context =>
        {
            var fault = await FindFaultAsync(context, verdicts);
            if (fault is null)
            {
                return Flow.Continue;
            }

            if (IgnoreError)
            {
                context.Services.Trace(context, Name, fault.Message);
                return Flow.Continue;
            }

            return Flow.Fail(Error(401, fault.Reason, fault.Message, "Invalid client certificate"));
        };
    }

    private async ValueTask<CertificateFault?> FindFaultAsync(PolicyContext context, CertificateVerdicts<CertificateFault> verdicts)
    {
        if (context.Request.Certificate is not { } certificate)
        {
            return new("ClientCertificateNotFound", "The request has no client certificate.");
        }

        var now = context.Services.Time.GetUtcNow();
        if (ValidateNotBefore && now < certificate.NotBefore.ToUniversalTime())
        {
            return new("ClientCertificateNotYetValid", "Certificate is not valid yet.");
        }

        if (ValidateNotAfter && now > certificate.NotAfter.ToUniversalTime())
        {
            return new("ClientCertificateExpired", "Certificate has expired.");
        }

        var trust = context.Services.CertificateTrust;
        var key = CertificateVerdicts<CertificateFault>.Of(certificate, context.Request.CertificateIssuers);
        if (verdicts.TryFind(key, trust, context.Deployment, now, out var known))
        {
            return known;
        }

        var fault = await JudgeAsync(context, certificate, trust, now);
        if (fault?.Reason != Revoked)
        {
            // An authority that did not answer may do so the next time.
            verdicts.Keep(key, trust, context.Deployment, now, fault);
        }

        return fault;
    }

    private async ValueTask<CertificateFault?> JudgeAsync(PolicyContext context, X509Certificate2 certificate, CertificateTrust trust, DateTimeOffset now)
    {
        // Everything that names an issuer needs the chain, even when it need not end at a trusted authority.
        using var chain = CertificateChain.Build(certificate, trust.With(context.Request.CertificateIssuers), now);
        if (ValidateTrust && chain.Fault is { } untrusted)
        {
            return new("ClientCertificateNotTrusted", untrusted);
        }

        if (Identities is { Identities.Count: > 0 } identities && !identities.Identities.Any(identity => identity.Matches(certificate, chain, context)))
        {
            return new("ClientCertificateIdentityNotMatched", "Certificate does not match any of allowed identities.");
        }

        // Only a chain that is trusted says whom to ask: else strangers could send the gateway anywhere.
        return ValidateRevocation && chain.Fault is null && await chain.FindRevocationAsync(context.Aborted) is { } revoked
            ? new(Revoked, revoked)
            : null;
    }

    private sealed record CertificateFault(string Reason, string Message);

    internal sealed record IdentitiesPart : PolicyPart
    {
        [XmlChild("identity", Summary = "All of its attributes must match; one identity is enough.")]
        public IReadOnlyList<IdentityPart> Identities { get; init; } = [];
    }

    internal sealed record IdentityPart : PolicyPart
    {
        [XmlAttribute("thumbprint", Summary = "SHA-1 or SHA-256 thumbprint.")]
        public string? Thumbprint { get; init; }

        [XmlAttribute("serial-number", Summary = "Serial number, hexadecimal.")]
        public string? SerialNumber { get; init; }

        [XmlAttribute("common-name", Summary = "Common name of the subject.")]
        public string? CommonName { get; init; }

        [XmlAttribute("subject", Summary = "Distinguished name of the subject.")]
        public string? Subject { get; init; }

        [XmlAttribute("dns-name", Summary = "A DNS name among the alternative names.")]
        public string? DnsName { get; init; }

        [XmlAttribute("issuer-subject", Summary = "Distinguished name of the issuer.")]
        public string? IssuerSubject { get; init; }

        [XmlAttribute("issuer-thumbprint", Summary = "Thumbprint of the issuer's certificate.")]
        public string? IssuerThumbprint { get; init; }

        [XmlAttribute("issuer-certificate-id", Summary = "Uploaded certificate of the issuer.")]
        public string? IssuerCertificateId { get; init; }

        public override void Validate(PolicyRules rules)
        {
            string?[] all = [Thumbprint, SerialNumber, CommonName, Subject, DnsName, IssuerSubject, IssuerThumbprint, IssuerCertificateId];
            rules.Check(all.Any(one => one is not null), "An identity needs an attribute to match.");
            rules.Check(IssuerCertificateId is null || (IssuerSubject is null && IssuerThumbprint is null), "'issuer-certificate-id' excludes the other issuer attributes.");
            rules.Check(Subject is null || CertificateNames.IsName(Subject), "Attribute 'subject' is not a distinguished name.");
            rules.Check(IssuerSubject is null || CertificateNames.IsName(IssuerSubject), "Attribute 'issuer-subject' is not a distinguished name.");
        }

        public bool Matches(X509Certificate2 certificate, CertificateChain chain, PolicyContext context) =>
            (Thumbprint is null || CertificateNames.HasThumbprint(certificate, Thumbprint))
            && (SerialNumber is null || CertificateNames.HasSerialNumber(certificate, SerialNumber))
            && (CommonName is null || CertificateNames.HasCommonName(certificate, CommonName))
            && (Subject is null || CertificateNames.AreSame(certificate.SubjectName, Subject))
            && (DnsName is null || CertificateNames.HasDnsName(certificate, DnsName))
            && (IssuerSubject is null || CertificateNames.AreSame(certificate.IssuerName, IssuerSubject))
            && (IssuerThumbprint is null || (chain.Issuer is { } issuer && CertificateNames.HasThumbprint(issuer, IssuerThumbprint)))
            && (IssuerCertificateId is null
                || (context.Deployment.Certificates.TryGetValue(IssuerCertificateId, out var uploaded) && CertificateChain.IsIssuedBy(certificate, uploaded, chain.Time)));
    }
}

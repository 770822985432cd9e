using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("authentication-certificate", In.Inbound | In.Backend, Summary = "Authenticates to the backend with a client certificate.")]
internal sealed record AuthenticationCertificatePolicy : Policy, IMessagePolicy
{
    [XmlAttribute("thumbprint", Summary = "Thumbprint of an uploaded certificate.")]
    public Value<string>? Thumbprint { get; init; }

    [XmlAttribute("certificate-id", Summary = "Name of an uploaded certificate.")]
    public Value<string>? CertificateId { get; init; }

    [XmlAttribute("body", Summary = "The certificate itself, as bytes from an expression or Base64.")]
    public Value<object>? Body { get; init; }

    [XmlAttribute("password", AllowsEmpty = true, Summary = "Password of the body.")]
    public Value<string>? Password { get; init; }

    public override void Validate(PolicyRules rules) =>
        rules.Check(new Value?[] { Thumbprint, CertificateId, Body }.Count(value => value is not null) == 1,
            "Exactly one of the attributes 'thumbprint', 'certificate-id' and 'body' is needed.");

    public override PolicyStep Compile(PolicyCompile compile)
    {
        var edit = CompileEdit(compile);
        return context => (context.Services.BackendFeatures & BackendFeatures.ClientCertificate) != 0
            ? edit(context, context.Request)
            : new(Flow.Fail(Failed("PolicyNotSupported", "This gateway can't use client certificates for backends.")));
    }

    public MessageEdit CompileEdit(PolicyCompile compile)
    {
        // Reading takes a private key through thousands of hash rounds, by intention: not for each request.
        var constant = Body is { IsConstant: true } && (Password is null || Password.IsConstant)
            ? new Lazy<X509Certificate2>(() => Read(Body.Constant, Password?.Constant))
            : null;
        return (context, message) =>
        {
            try
            {
                if ((constant is null ? Find(context) : constant.Value) is not { } certificate)
                {
                    return new(Flow.Fail(Failed("CertificateNotFound", "The client certificate does not exist.")));
                }

                ((PolicyRequest)message).BackendCertificate = certificate;
                return default;
            }
            catch (Exception problem) when (problem is CryptographicException or FormatException)
            {
                return new(Flow.Fail(Failed("CertificateInvalid", "The client certificate can't be read.")));
            }
        };
    }

    private X509Certificate2? Find(PolicyContext context)
    {
        var uploaded = context.Deployment.Certificates;
        if (CertificateId is not null)
        {
            return uploaded.GetValueOrDefault(CertificateId.Get(context));
        }

        if (Thumbprint is not null)
        {
            var wanted = Thumbprint.Get(context).Trim();
            return uploaded.Values.FirstOrDefault(certificate => certificate.Thumbprint.Equals(wanted, StringComparison.OrdinalIgnoreCase));
        }

        return Read(Body!.Get(context), Password?.Get(context));
    }

    private static X509Certificate2 Read(object content, string? password) =>
        X509CertificateLoader.LoadPkcs12(content as byte[] ?? Convert.FromBase64String(ValueConversion.ToText(content)), password);

    private PolicyError Failed(string reason, string message) => Error(500, reason, message) with { PublicMessage = null };
}

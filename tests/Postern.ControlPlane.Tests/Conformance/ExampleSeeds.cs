using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Tests.Conformance;

/// <summary>Minimal bodies of what an example needs to be there.</summary>
internal static class ExampleSeeds
{
    public const string CertificatePassword = "****Certificate Password******";

    private static readonly Lazy<string> Certificate = new(MakeCertificate);

    /// <summary>A PKCS #12 file for CN=contoso.com in base64.</summary>
    public static string CertificateData => Certificate.Value;

    /// <param name="path">Below the service, such as <c>apis/echo-api</c>.</param>
    public static JsonObject Properties(string path)
    {
        var parts = path.Split('/');
        var name = parts[^1];
        return parts[^2] switch
        {
            "apis" when parts.Length > 2 => [],
            "apis" => new() { ["displayName"] = name, ["path"] = name, ["serviceUrl"] = "https://contoso.com/apis/echo", ["protocols"] = new JsonArray("http", "https") },
            "operations" => new() { ["displayName"] = name, ["method"] = "GET", ["urlTemplate"] = "/" + name },
            "policies" => new() { ["value"] = "<policies><inbound /><backend><forward-request /></backend><outbound /><on-error /></policies>" },
            "certificates" => new() { ["data"] = CertificateData, ["password"] = CertificatePassword },
            "hostnameConfigurations" => new() { ["hostname"] = "*", ["certificateId"] = "/certificates/cert1" },
            "backends" => new() { ["url"] = "https://contoso.com", ["protocol"] = "http" },
            "loggers" => new() { ["loggerType"] = "azureMonitor" },
            "products" or "groups" => new() { ["displayName"] = name },
            "users" => new() { ["email"] = $"{name}@contoso.example", ["firstName"] = "First", ["lastName"] = "Last" },
            "subscriptions" => new() { ["displayName"] = name, ["scope"] = "/apis" },
            "namedValues" => new() { ["displayName"] = name, ["value"] = "propValue", ["secret"] = true },
            "apiVersionSets" => new() { ["displayName"] = name, ["versioningScheme"] = "Segment" },
            _ => [],
        };
    }

    private static string MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=contoso.com", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(1));
        return Convert.ToBase64String(certificate.Export(X509ContentType.Pkcs12, CertificatePassword));
    }
}

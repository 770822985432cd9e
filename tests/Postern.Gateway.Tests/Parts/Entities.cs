using System.Security.Cryptography.X509Certificates;
using Postern.Snapshots;

namespace Postern.Gateway.Tests.Parts;

/// <summary>Entities for tests, with defaults that matter to few.</summary>
internal static class Entities
{
    public static ServiceSnapshot Service { get; } =
        new("/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/contoso", "contoso", "edge", "cellar");

    public static ApiSnapshot Api(
        string id, string path, string? backend = null, bool subscriptionRequired = false, string revision = "1", bool current = true,
        string? version = null, VersionSetSnapshot? versionSet = null, IReadOnlyList<string>? protocols = null, params string[] operations) =>
        new(
            id, id, path, protocols ?? ["http", "https"], backend, subscriptionRequired, "Ocp-Apim-Subscription-Key", "subscription-key", "http", revision,
            current, version, versionSet,
            [.. (operations.Length == 0 ? ["* /*"] : operations).Select((text, index) => new OperationSnapshot($"op{index}", text, text.Split(' ')[0], text.Split(' ')[1]))]);

    public static ProductSnapshot Product(string id, bool subscriptionRequired, params string[] apis) =>
        new(id, id, subscriptionRequired, false, null, "published", apis, []);

    public static SubscriptionSnapshot Subscription(string id, string scope, string state = "active") =>
        new(id, id, scope, state, null, $"{id}-primary", $"{id}-secondary", DateTimeOffset.UnixEpoch, null, null);

    public static PolicySnapshot Policy(string scope, string text) => new(scope, "rawxml", text);

    /// <summary>With its private key, behind a password.</summary>
    public static CertificateSnapshot Certificate(string id, X509Certificate2 certificate, params X509Certificate2[] beside)
    {
        var all = new X509Certificate2Collection(certificate);
        all.AddRange(beside.Select(other => X509CertificateLoader.LoadCertificate(other.RawData)).ToArray());
        return new(id, Convert.ToBase64String(certificate.RawData), Convert.ToBase64String(all.Export(X509ContentType.Pkcs12, "secret")!), "secret");
    }

    public static CertificateSnapshot PublicCertificate(string id, X509Certificate2 certificate) => new(id, Convert.ToBase64String(certificate.RawData), null, null);

    public static HostnameSnapshot Hostname(
        string id, string hostname, string certificateId, bool negotiate = false, bool tls10 = false, bool tls11 = false, bool http2 = true) =>
        new(id, hostname, certificateId, negotiate, tls10, tls11, http2);
}

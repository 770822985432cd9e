using System.Net.Security;
using System.Security.Authentication;

namespace Postern.Gateway.Settings;

/// <summary>Cipher suites by their IANA names. Their order is that of preference.</summary>
internal static class CipherSuites
{
    /// <summary>What the product allows in both directions when nothing is set.</summary>
    public static IReadOnlyList<string> Published { get; } =
    [
        "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256",
        .. With("AES_256_GCM_SHA384"), .. With("CHACHA20_POLY1305_SHA256"), .. With("AES_128_GCM_SHA256"),
        "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
        .. With("AES_128_CBC_SHA256"), .. With("AES_256_CBC_SHA"), .. With("AES_128_CBC_SHA"),
        "TLS_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_CBC_SHA256",
        "TLS_RSA_WITH_AES_128_CBC_SHA256", "TLS_RSA_WITH_AES_256_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA",
    ];

    /// <returns>Null for a name that is none.</returns>
    public static TlsCipherSuite? Find(string name) =>
        name.StartsWith("TLS_", StringComparison.Ordinal) && Enum.TryParse<TlsCipherSuite>(name, out var suite) ? suite : null;

    /// <param name="names">Empty for <see cref="Published"/>.</param>
    /// <returns>Null where the platform decides alone.</returns>
    public static CipherSuitesPolicy? Policy(IReadOnlyList<string> names) => OperatingSystem.IsLinux()
        ? new((names.Count == 0 ? Published : names).Select(name => Find(name)!.Value))
        : null;

    /// <summary>Leaves out versions that none of the suites is for: the platform would refuse every handshake otherwise.</summary>
    /// <param name="names">Empty for <see cref="Published"/>, which has suites for all versions.</param>
    /// <returns><see cref="SslProtocols.None"/> when nothing is left.</returns>
    public static SslProtocols Usable(SslProtocols protocols, IReadOnlyList<string> names)
    {
        if (names.Count == 0 || !OperatingSystem.IsLinux())
        {
            return protocols;
        }

        var newest = protocols & SslProtocols.Tls13;
        var older = protocols & ~SslProtocols.Tls13;
        return (names.Any(IsNewest) ? newest : SslProtocols.None) | (names.All(IsNewest) ? SslProtocols.None : older);
    }

    /// <summary>Suites of TLS 1.3 are for no other version, and it has no others.</summary>
    private static bool IsNewest(string name) => Find(name) is { } suite && (int)suite >> 8 == 0x13;

    private static string[] With(string cipher) => [$"TLS_ECDHE_ECDSA_WITH_{cipher}", $"TLS_ECDHE_RSA_WITH_{cipher}", $"TLS_DHE_RSA_WITH_{cipher}"];
}

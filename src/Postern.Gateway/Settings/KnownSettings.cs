namespace Postern.Gateway.Settings;

/// <summary>Every published setting of the self-hosted gateway (settings reference, 2026-08) and our extensions, which are marked.</summary>
public static class KnownSettings
{
    public const string Endpoint = "config.service.endpoint";
    public const string Auth = "config.service.auth";
    public const string AuthKey = "config.service.auth.key";
    public const string AuthTenantId = "config.service.auth.azureAd.tenantId";
    public const string AuthClientId = "config.service.auth.azureAd.clientId";
    public const string AuthClientSecret = "config.service.auth.azureAd.clientSecret";
    public const string AuthCertificatePath = "config.service.auth.azureAd.certificatePath";
    public const string AuthAuthority = "config.service.auth.azureAd.authority";
    public const string AuthTokenAudience = "config.service.auth.tokenAudience";
    public const string EndpointSkipValidation = "config.service.endpoint.disableCertificateValidation";
    public const string EndpointTimeout = "config.service.integration.timeout";
    public const string GatewayName = "gateway.name";
    public const string NeighborhoodHost = "neighborhood.host";
    public const string NeighborhoodHeartbeatPort = "neighborhood.heartbeat.port";
    public const string RateLimitSyncPort = "policy.rate-limit.sync.port";
    public const string ForwardedProto = "net.server.http.forwarded.proto.enabled";
    public const string LogsStd = "telemetry.logs.std";
    public const string LogsStdLevel = "telemetry.logs.std.level";
    public const string LogsStdColor = "telemetry.logs.std.color";
    public const string LogsLocal = "telemetry.logs.local";
    public const string MetricsCloud = "telemetry.metrics.cloud";
    public const string MetricsLocal = "telemetry.metrics.local";
    public const string StatsdEndpoint = "telemetry.metrics.local.statsd.endpoint";
    public const string StatsdSampling = "telemetry.metrics.local.statsd.sampling";
    public const string StatsdTagFormat = "telemetry.metrics.local.statsd.tag-format";
    public const string OtelEnabled = "observability.opentelemetry.enabled";
    public const string OtelUri = "observability.opentelemetry.collector.uri";
    public const string OtelSystem = "observability.opentelemetry.system-metrics.enabled";
    public const string OtelBuckets = "observability.opentelemetry.histogram.buckets";
    public const string LocalCaEnabled = "certificates.local.ca.enabled";
    public const string ServerSuites = "net.server.tls.ciphers.allowed-suites";
    public const string ClientSuites = "net.client.tls.ciphers.allowed-suites";
    public const string Revocation = "security.certificate-revocation.validation.enabled";
    public const string BackendTlsPrefix = "Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Backend.Protocols.";
    public const string DeploymentPrefix = "runtime.deployment.";

    /// <summary>Ours: PEM bundle or folder of authorities to trust, read when <see cref="LocalCaEnabled"/> is on.</summary>
    public const string LocalCaPath = "certificates.local.ca.path";

    /// <summary>
    /// Ours: answer requests on the threads that wait for sockets instead of handing them to the thread pool; true. To be turned off when in
    /// doubt; it costs about a third of the CPU.
    /// </summary>
    public const string InlineSockets = "net.server.sockets.inline";

    /// <summary>
    /// Ours: listen for HTTP/3 beside the HTTPS port, over UDP, and tell callers of it with <c>Alt-Svc</c>; false, because the port must also
    /// be open for UDP on the way to callers. Needs libmsquic; without it a warning is logged.
    /// </summary>
    public const string Http3 = "net.server.http3.enabled";

    /// <summary>
    /// Ours: let host names offer TLS 1.0 and 1.1 when their configuration says so; false, because it lowers OpenSSL's security level for the
    /// whole process.
    /// </summary>
    public const string OldServerVersions = "net.server.tls.old-versions.enabled";

    /// <summary>Ours: folder of the configuration backup instead of <c>/apim/config</c>.</summary>
    public const string BackupPath = "config.backup.path";

    /// <summary>Ours: file that holds the gateway token, read at each call; with <see cref="Auth"/>=key.</summary>
    public const string AuthKeyPath = "config.service.auth.keyPath";

    /// <summary>Ours: file that holds the client secret, read at each token exchange.</summary>
    public const string AuthClientSecretPath = "config.service.auth.azureAd.clientSecretPath";

    /// <summary>Ours: password of <see cref="AuthCertificatePath"/>.</summary>
    public const string AuthCertificatePassword = "config.service.auth.azureAd.certificatePassword";

    /// <summary>Ours: size of the cache in the gateway's process, such as <c>64MiB</c>; there is none without it.</summary>
    public const string CacheInternalSize = "cache.internal.size";

    /// <summary>Ours: size of the largest value that is kept in any cache; <c>2MiB</c> unless told otherwise.</summary>
    public const string CacheLargestValue = "cache.value.max-size";

    /// <summary>Ours: how long the external cache may take to answer, as <c>hh:mm:ss.fff</c>; 50 ms unless told otherwise.</summary>
    public const string CacheExternalTimeout = "cache.external.timeout";

    /// <summary>Ours: headers of a request; 100 unless told otherwise. More: 431.</summary>
    public const string LimitHeaderCount = "net.server.http.limits.headers.count";

    /// <summary>Ours: bytes of a request's headers together; <c>64KiB</c> unless told otherwise. More: 431.</summary>
    public const string LimitHeaderSize = "net.server.http.limits.headers.size";

    /// <summary>Ours: how long a caller may take for a request's head; 30 s unless told otherwise. Longer: 408.</summary>
    public const string LimitHeaderTimeout = "net.server.http.limits.headers.timeout";

    /// <summary>Ours: bytes of a request's body; any size unless told otherwise. More: 413.</summary>
    public const string LimitBodySize = "net.server.http.limits.body.size";

    /// <summary>Ours: bytes a second, on average, that a body must come at; 240 unless told otherwise, 0 for however slow. Slower: 408.</summary>
    public const string LimitBodyRate = "net.server.http.limits.body.rate";

    /// <summary>Ours: how long a body may be slower than that; 5 s unless told otherwise.</summary>
    public const string LimitBodyGrace = "net.server.http.limits.body.grace";

    /// <summary>Ours: connections open at once; without it as many as the machine carries. More are closed at once.</summary>
    public const string LimitConnections = "net.server.http.limits.connections";

    /// <summary>Dotted namespaces of the product: a name in one of them that is not listed is a spelling mistake worth a warning.</summary>
    internal static readonly string[] Namespaces =
    [
        "config.", "gateway.", "neighborhood.", "policy.", "net.", "k8s.", "telemetry.", "observability.", "certificates.", "security.",
        "logs.", "runtime.", "cache.", "Microsoft.WindowsAzure.ApiManagement.",
    ];

    internal static readonly HashSet<string> All = new(StringComparer.Ordinal)
    {
        Endpoint, Auth, AuthKey, AuthKeyPath, AuthClientSecretPath, AuthCertificatePassword, AuthTenantId, AuthClientId, AuthClientSecret, AuthCertificatePath, AuthAuthority, AuthTokenAudience,
        EndpointSkipValidation, EndpointTimeout, GatewayName, NeighborhoodHost, NeighborhoodHeartbeatPort, RateLimitSyncPort, ForwardedProto,
        LogsStd, LogsStdLevel, LogsStdColor, LogsLocal, MetricsCloud, MetricsLocal, StatsdEndpoint, StatsdSampling, StatsdTagFormat,
        OtelEnabled, OtelUri, OtelSystem, OtelBuckets, LocalCaEnabled, LocalCaPath, BackupPath, InlineSockets, Http3, OldServerVersions, CacheInternalSize, CacheLargestValue, CacheExternalTimeout,
        LimitHeaderCount, LimitHeaderSize, LimitHeaderTimeout, LimitBodySize, LimitBodyRate, LimitBodyGrace, LimitConnections, ServerSuites, ClientSuites, Revocation,
        BackendTlsPrefix + "Tls13", BackendTlsPrefix + "Tls12", BackendTlsPrefix + "Tls11", BackendTlsPrefix + "Tls10", BackendTlsPrefix + "Ssl30",
        "logs.applicationinsights.endpoint",
        "k8s.ingress.enabled", "k8s.ingress.namespace", "k8s.ingress.dns.suffix", "k8s.ingress.config.path",
        "telemetry.logs.local.localsyslog.endpoint", "telemetry.logs.local.localsyslog.facility",
        "telemetry.logs.local.rfc5424.endpoint", "telemetry.logs.local.rfc5424.facility",
        "telemetry.logs.local.journal.endpoint", "telemetry.logs.local.json.endpoint",
    };

    internal static bool IsSecret(string name) => name is AuthKey or AuthClientSecret or AuthCertificatePassword or Auth;

    /// <summary>True for a name in the product's namespaces that the product does not have.</summary>
    internal static bool IsUnknown(string name) =>
        !All.Contains(name) && !name.StartsWith(DeploymentPrefix, StringComparison.Ordinal)
        && Namespaces.Any(space => name.StartsWith(space, StringComparison.OrdinalIgnoreCase));
}

namespace Postern.Gateway.Settings;

/// <summary>The published settings of the self-hosted gateway, typed and checked. Names and defaults: <see cref="KnownSettings"/>.</summary>
public sealed record GatewaySettings
{
    public required ConfigurationServiceSettings Configuration { get; init; }

    /// <summary>Id of the gateway resource: <c>gateway.name</c>, or the first field of the gateway token.</summary>
    public required string GatewayName { get; init; }

    public NeighborhoodSettings Neighborhood { get; init; } = new(null, 4291, 4290);

    /// <summary>Take the scheme from <c>X-Forwarded-Proto</c> when a request's API is looked up.</summary>
    public bool TrustForwardedProto { get; init; }

    /// <summary>Listen for HTTP/3 where the platform can.</summary>
    public bool Http3 { get; init; }

    /// <summary>Requests run on the threads that wait for sockets. Takes effect for a process, so only <c>postern gateway</c> heeds it.</summary>
    public bool InlineSockets { get; init; } = true;

    public LogSettings Logs { get; init; } = new(StandardLog.Text, StandardLogLevel.Info, true);

    public MetricSettings Metrics { get; init; } = new();

    public TlsSettings Tls { get; init; } = new();

    public CacheSettings Cache { get; init; } = new();

    public LimitSettings Limits { get; init; } = new();

    /// <summary>Folder of the encrypted backup; used only when it exists.</summary>
    public string BackupFolder { get; init; } = "/apim/config";

    /// <summary>PEM bundle or folder of extra authorities; null unless <c>certificates.local.ca.enabled</c>.</summary>
    public string? LocalCaPath { get; init; }

    /// <summary><c>runtime.deployment.*</c> as given; reported in heartbeats.</summary>
    public IReadOnlyDictionary<string, string> Deployment { get; init; } = new Dictionary<string, string>();

    /// <summary>Settings that were given, are in the product's namespaces and mean nothing.</summary>
    public IReadOnlyList<SettingProblem> Warnings { get; init; } = [];

    /// <param name="values">Environment variables or the content of a settings file.</param>
    /// <exception cref="GatewaySettingsException">Lists every problem, with what is accepted.</exception>
    public static GatewaySettings Read(IReadOnlyDictionary<string, string> values) => GatewaySettingsRules.Read(values);
}

/// <param name="Endpoint">Ends with a slash.</param>
/// <param name="Timeout">Of one call.</param>
public sealed record ConfigurationServiceSettings(Uri Endpoint, ConfigurationAuth Auth, bool SkipCertificateValidation, TimeSpan Timeout);

/// <summary>How the gateway authenticates to the configuration endpoint.</summary>
public abstract record ConfigurationAuth
{
    private ConfigurationAuth()
    {
    }

    /// <param name="Token">With the scheme word: <c>GatewayKey id&amp;expiry&amp;signature</c>.</param>
    /// <param name="Path">File that holds the token instead, read at each call; null for none.</param>
    public sealed record GatewayToken(string Token, string? Path = null) : ConfigurationAuth
    {
        public override string ToString() => nameof(GatewayToken);
    }

    /// <param name="SecretPath">File that holds the secret instead, read at each token exchange; null for none.</param>
    public sealed record ClientSecret(string TenantId, string ClientId, string Secret, Uri Authority, string Audience, string? SecretPath = null) : ConfigurationAuth
    {
        /// <exception cref="IOException">The file cannot be read.</exception>
        internal string Read() => SecretPath is null ? Secret : File.ReadAllText(SecretPath).Trim();

        public override string ToString() => $"{nameof(ClientSecret)} {ClientId}";
    }

    /// <param name="Path">PFX, or PEM with certificate and key; read at each token exchange.</param>
    public sealed record ClientCertificate(string TenantId, string ClientId, string Path, Uri Authority, string Audience, string? Password = null) : ConfigurationAuth
    {
        public override string ToString() => $"{nameof(ClientCertificate)} {ClientId}";
    }

    /// <summary>From what the workload identity webhook puts into the environment.</summary>
    public sealed record WorkloadIdentity(string TenantId, string ClientId, string TokenFile, Uri Authority, string Audience) : ConfigurationAuth;
}

/// <param name="Host">DNS name of all instances; null for none.</param>
public sealed record NeighborhoodSettings(string? Host, int HeartbeatPort, int RateLimitPort);

public sealed record LogSettings(StandardLog Standard, StandardLogLevel Level, bool Color);

public enum StandardLog
{
    None,
    Text,
    Json,
}

public enum StandardLogLevel
{
    All,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

public sealed record MetricSettings
{
    public bool Cloud { get; init; } = true;

    public LocalMetrics Local { get; init; }

    public string? StatsdEndpoint { get; init; }

    public double StatsdSampling { get; init; } = 1;

    public StatsdTags StatsdTags { get; init; } = StatsdTags.DogStatsD;

    public bool OpenTelemetry { get; init; }

    public Uri? CollectorUri { get; init; }

    public bool SystemMetrics { get; init; }

    /// <summary>Milliseconds.</summary>
    public IReadOnlyList<double> Buckets { get; init; } = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000];
}

public enum LocalMetrics
{
    None,
    Statsd,
}

public enum StatsdTags
{
    None,
    Librato,
    DogStatsD,
    InfluxDB,
}

public sealed record TlsSettings
{
    /// <summary>IANA names; empty for the published ones.</summary>
    public IReadOnlyList<string> ServerSuites { get; init; } = [];

    public IReadOnlyList<string> ClientSuites { get; init; } = [];

    public System.Security.Authentication.SslProtocols BackendProtocols { get; init; } =
        System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13;

    public bool CheckRevocation { get; init; }

    /// <summary>Host names may offer TLS 1.0 and 1.1.</summary>
    public bool OldServerVersions { get; init; }

#pragma warning disable SYSLIB0039, CA5397 // They are asked about, not used.
    /// <summary>True when the process must let OpenSSL speak versions that it refuses by itself.</summary>
    public bool NeedsOldVersions => OldServerVersions
        || (BackendProtocols & (System.Security.Authentication.SslProtocols.Tls | System.Security.Authentication.SslProtocols.Tls11)) != 0;
#pragma warning restore SYSLIB0039, CA5397
}

/// <summary>Ours: the product's gateway has no cache in its process and no settings for the external one.</summary>
public sealed record CacheSettings
{
    /// <summary>Bytes of the cache in this process; 0: there is none.</summary>
    public long InternalSize { get; init; }

    /// <summary>Bytes of the largest value that either cache is given.</summary>
    public int LargestValue { get; init; } = 2 * 1024 * 1024;

    /// <summary>How long the external cache may take to answer before the look-up is a miss.</summary>
    public TimeSpan ExternalTimeout { get; init; } = TimeSpan.FromMilliseconds(50);
}

/// <summary>Ours: what callers may ask of the gateway before they are turned away. docs/limits.md.</summary>
public sealed record LimitSettings
{
    public int HeaderCount { get; init; } = 100;

    /// <summary>Bytes of all headers together.</summary>
    public int HeaderSize { get; init; } = 64 * 1024;

    /// <summary>How long a caller may take for a request's head.</summary>
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes; 0: bodies of any size.</summary>
    public long BodySize { get; init; }

    /// <summary>Bytes a second that a body must come and a response be taken at, after <see cref="BodyGrace"/>; 0: however slow.</summary>
    public int BodyRate { get; init; } = 240;

    public TimeSpan BodyGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Open at once; 0: as many as the machine carries.</summary>
    public int Connections { get; init; }
}

using System.Security.Authentication;

namespace Postern.Gateway.Settings;

/// <summary>From dotted names to <see cref="GatewaySettings"/>.</summary>
internal static class GatewaySettingsRules
{
    public static GatewaySettings Read(IReadOnlyDictionary<string, string> values)
    {
        var read = new SettingReader(values);
        var endpoint = read.HttpsAddress(KnownSettings.Endpoint, allowBareHost: true);
        if (endpoint is null && read.Problems.Count == 0)
        {
            read.Add("G202", KnownSettings.Endpoint, "is required: the host name or https:// address of the configuration endpoint.");
        }

        var auth = ConfigurationAuthRules.Read(read, out var gatewayName);
        var settings = new GatewaySettings
        {
            Configuration = new(
                endpoint ?? new Uri("https://invalid/"),
                auth ?? new ConfigurationAuth.GatewayToken(""),
                read.Flag(KnownSettings.EndpointSkipValidation, false),
                read.Duration(KnownSettings.EndpointTimeout, TimeSpan.FromSeconds(100))),
            GatewayName = gatewayName,
            Neighborhood = new(
                read.Text(KnownSettings.NeighborhoodHost),
                read.Port(KnownSettings.NeighborhoodHeartbeatPort, 4291),
                read.Port(KnownSettings.RateLimitSyncPort, 4290)),
            Http3 = read.Flag(KnownSettings.Http3, false),
            InlineSockets = read.Flag(KnownSettings.InlineSockets, true),
            TrustForwardedProto = read.Flag(KnownSettings.ForwardedProto, false),
            Logs = new(
                read.OneOf(KnownSettings.LogsStd, StandardLog.Text),
                read.OneOf(KnownSettings.LogsStdLevel, StandardLogLevel.Info),
                read.Flag(KnownSettings.LogsStdColor, true)),
            Metrics = ReadMetrics(read),
            Tls = ReadTls(read),
            Cache = ReadCache(read),
            Limits = ReadLimits(read),
            BackupFolder = read.Text(KnownSettings.BackupPath) ?? "/apim/config",
            LocalCaPath = ReadLocalCa(read),
            Deployment = values.Where(pair => pair.Key.StartsWith(KnownSettings.DeploymentPrefix, StringComparison.Ordinal))
                .ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal),
            Warnings = [.. values.Keys.Where(KnownSettings.IsUnknown).Order(StringComparer.Ordinal)
                .Select(name => new SettingProblem("G203", name, "is not a setting of the gateway and has no effect."))],
        };

        return read.Problems.Count == 0 ? settings : throw new GatewaySettingsException(read.Problems);
    }

    private static CacheSettings ReadCache(SettingReader read)
    {
        var usual = new CacheSettings();
        return new()
        {
            InternalSize = read.Bytes(KnownSettings.CacheInternalSize, usual.InternalSize, 1L << 40),
            LargestValue = (int)read.Bytes(KnownSettings.CacheLargestValue, usual.LargestValue, 64 * 1024 * 1024),
            ExternalTimeout = read.Duration(KnownSettings.CacheExternalTimeout, usual.ExternalTimeout),
        };
    }

    private static LimitSettings ReadLimits(SettingReader read)
    {
        var usual = new LimitSettings();
        return new()
        {
            HeaderCount = read.Number(KnownSettings.LimitHeaderCount, usual.HeaderCount, 10, 10_000),
            HeaderSize = (int)read.Bytes(KnownSettings.LimitHeaderSize, usual.HeaderSize, 16 * 1024 * 1024),
            HeaderTimeout = read.Duration(KnownSettings.LimitHeaderTimeout, usual.HeaderTimeout),
            BodySize = read.Bytes(KnownSettings.LimitBodySize, usual.BodySize, 1L << 50),
            BodyRate = (int)read.Bytes(KnownSettings.LimitBodyRate, usual.BodyRate, 1 << 30),
            BodyGrace = read.Duration(KnownSettings.LimitBodyGrace, usual.BodyGrace),
            Connections = read.Number(KnownSettings.LimitConnections, usual.Connections, 0, 10_000_000),
        };
    }

    private static MetricSettings ReadMetrics(SettingReader read)
    {
        var metrics = new MetricSettings
        {
            Cloud = read.Flag(KnownSettings.MetricsCloud, true),
            Local = read.OneOf(KnownSettings.MetricsLocal, LocalMetrics.None),
            StatsdEndpoint = read.Text(KnownSettings.StatsdEndpoint),
            StatsdSampling = read.Fraction(KnownSettings.StatsdSampling, 1),
            StatsdTags = read.OneOf(KnownSettings.StatsdTagFormat, StatsdTags.DogStatsD),
            OpenTelemetry = read.Flag(KnownSettings.OtelEnabled, false),
            CollectorUri = Uri.TryCreate(read.Text(KnownSettings.OtelUri), UriKind.Absolute, out var collector) ? collector : null,
            SystemMetrics = read.Flag(KnownSettings.OtelSystem, false),
            Buckets = read.Numbers(KnownSettings.OtelBuckets, new MetricSettings().Buckets),
        };
        if (metrics is { Local: LocalMetrics.Statsd, StatsdEndpoint: null })
        {
            read.Add("G202", KnownSettings.StatsdEndpoint, $"is required with {KnownSettings.MetricsLocal}=statsd: host:port.");
        }

        if (metrics is { OpenTelemetry: true, CollectorUri: null })
        {
            read.Add("G202", KnownSettings.OtelUri, $"is required with {KnownSettings.OtelEnabled}=true: such as http://host:4317.");
        }

        return metrics;
    }

    private static TlsSettings ReadTls(SettingReader read)
    {
        var protocols = SslProtocols.None;
        Allow(SslProtocols.Tls13, "Tls13", true);
        Allow(SslProtocols.Tls12, "Tls12", true);
#pragma warning disable CA5397, SYSLIB0039, CS0618 // The product lets old backends be reached; off unless asked for.
        Allow(SslProtocols.Tls11, "Tls11", false);
        Allow(SslProtocols.Tls, "Tls10", false);
        Allow(SslProtocols.Ssl3, "Ssl30", false);
#pragma warning restore CA5397, SYSLIB0039, CS0618
        var (serverSuites, clientSuites) = (Suites(read, KnownSettings.ServerSuites), Suites(read, KnownSettings.ClientSuites));
        if (protocols == SslProtocols.None)
        {
            read.Add("G201", KnownSettings.BackendTlsPrefix + "Tls12", "no TLS version is left for backends; allow at least one.");
        }
        else if (CipherSuites.Usable(protocols, clientSuites) == SslProtocols.None)
        {
            read.Add("G201", KnownSettings.ClientSuites, "no suite is for a TLS version that is allowed for backends.");
        }

        return new()
        {
            ServerSuites = serverSuites,
            ClientSuites = clientSuites,
            BackendProtocols = CipherSuites.Usable(protocols, clientSuites),
            OldServerVersions = read.Flag(KnownSettings.OldServerVersions, false),
            CheckRevocation = read.Flag(KnownSettings.Revocation, false),
        };

        void Allow(SslProtocols protocol, string name, bool otherwise)
        {
            if (read.Flag(KnownSettings.BackendTlsPrefix + name, otherwise))
            {
                protocols |= protocol;
            }
        }
    }

    private static string[] Suites(SettingReader read, string name)
    {
        var suites = read.Text(name)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        foreach (var suite in suites)
        {
            if (CipherSuites.Find(suite) is null)
            {
                read.Add("G201", name, $"'{suite}' is not a cipher suite; give IANA names such as TLS_AES_256_GCM_SHA384, separated by commas.");
            }
        }

        return suites;
    }

    private static string? ReadLocalCa(SettingReader read)
    {
        if (!read.Flag(KnownSettings.LocalCaEnabled, false))
        {
            return null;
        }

        var path = read.Text(KnownSettings.LocalCaPath) ?? "/usr/local/share/ca-certificates";
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            read.Add("G205", KnownSettings.LocalCaPath, $"neither a file nor a folder is at '{path}'.");
        }

        return path;
    }
}

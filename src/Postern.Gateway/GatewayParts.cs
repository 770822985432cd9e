using Microsoft.Extensions.Logging;
using Postern.Gateway.Backends;
using Postern.Gateway.Caching;
using Postern.Gateway.Certificates;
using Postern.Gateway.Forwarding;
using Postern.Gateway.Loading;
using Postern.Gateway.Programs;
using Postern.Gateway.Quotas;
using Postern.Gateway.Settings;
using Postern.Gateway.State;
using Postern.Gateway.Telemetry;
using Postern.Gateway.Telemetry.Sending;
using Postern.Hosting.Sockets;
using Postern.Hosting.Tls;
using Postern.Policies;
using Postern.Policies.Caching;
using Postern.Policies.Runtime;

namespace Postern.Gateway;

/// <summary>The parts of a gateway, put together by hand: this is the whole graph.</summary>
internal sealed record GatewayParts(
    CurrentState Current,
    GatewayApplication Application,
    ConfigurationLoop Configuration,
    HeartbeatLoop Heartbeat,
    BackupLoop Backup,
    QuotaLoop Quotas,
    MetricLoop Metrics,
    TelemetryLoop Outgoing,
    ServerTls Tls,
    CancellationTokenSource Stopping,
    List<IDisposable> Owned)
{
    public static GatewayParts Compose(GatewayOptions options)
    {
        var settings = options.Settings;
        var time = options.Time;
        var local = LocalAuthorities(settings, options.Logging.CreateLogger<GatewayServer>());
        var roots = options.Roots.And(local);
        var logs = options.Logging;

        var credential = Credential(settings.Configuration.Auth, roots, time, logs);
        var client = new ConfigurationClient(settings.Configuration, settings.GatewayName, credential, roots, GatewayServer.Version, time);
        var outgoing = new OutgoingTelemetry(client, options.InstanceId, time, logs.CreateLogger<OutgoingTelemetry>());
        var events = new GatewayEvents(outgoing.Events, time);

        var current = new CurrentState();
        var tls = new ServerTls(settings.Tls, local.Extra, time);
        var backendRoots = roots.Or((certificate, chain) =>
            current.State is { } state && state.Certificates.Trust.VerifiesServer(certificate, [.. chain.ChainPolicy.ExtraStore]));
        var counters = new RequestCounters();
        var telemetry = new GatewayTelemetry(logs.CreateLogger<GatewayTelemetry>(), new RequestLog(logs.CreateLogger(RequestRecord.Category), time), counters, outgoing.Traces);
        var forwarder = new Forwarder(BackendTransport.Create(
            settings.Tls, backendRoots, new(options.ResolveBackend, options.BackendConnectionLifetime), new(options.Variable), time));
        var http = new PolicyHttpClient(() => BackendTls.Options(settings.Tls, (_, certificate, chain, errors) => backendRoots.Validate(certificate, chain, errors)), PoolStream.Connect);
        var cache = settings.Cache.InternalSize > 0 ? new MemoryPolicyCache(time, settings.Cache.InternalSize, settings.Cache.LargestValue) : null;
        var identity = GatewayIdentityTokens.Create(settings.Configuration.Auth, roots, time, logs.CreateLogger<EntraCredential>());
        var policyMetrics = new PolicyMetrics();
        var resources = new PolicyResources(http, cache) { IdentityTokens = identity };
        var stopping = new CancellationTokenSource();
        var runtime = new GatewayRuntime(
            time, new RateCounters(), forwarder, telemetry, resources, policyMetrics, events)
        { Stopping = stopping.Token };
        var pipeline = new GatewayPipeline(current, telemetry, settings.TrustForwardedProto, settings.Limits.BodySize);
        var application = new GatewayApplication(pipeline, new GatewayProbes(current), runtime);

        var instance = new InstanceIdentity(options.InstanceId, options.HostName, GatewayServer.Version, settings.Deployment);
        var circuits = new CircuitSignals(time, events, logs.CreateLogger<CircuitSignals>());
        var caches = new ExternalCaches(settings.Cache, roots, time, logs.CreateLogger<ExternalCaches>(), events);
        var compiler = new StateCompiler(new PolicyProgramCompiler(), new BackendCompiler(circuits), options.InstanceId, tls, caches);
        var loader = new StateLoader(compiler, current, events, logs.CreateLogger<StateLoader>());
        var backup = new ConfigurationBackup(settings.BackupFolder, settings.GatewayName, options.InstanceId, credential.BackupSecret);
        var quotaFile = new QuotaFile(settings.BackupFolder, settings.GatewayName, options.InstanceId, credential.BackupSecret);
        var quotas = new QuotaLoop(quotaFile, resources.Quotas, time, logs.CreateLogger<QuotaLoop>());
        quotas.Restore();
        var signals = new ReportSignals();
        List<IDisposable> owned = [stopping, client, forwarder, http, current];
        if (credential is IDisposable disposable)
        {
            owned.Add(disposable);
        }

        if (identity is not null)
        {
            owned.Add(identity);
        }

        return new(
            current,
            application,
            new ConfigurationLoop(client, loader, backup, current, signals, events, time, logs.CreateLogger<ConfigurationLoop>()),
            new HeartbeatLoop(client, loader, signals, instance, time, logs.CreateLogger<HeartbeatLoop>()),
            new BackupLoop(backup, loader, signals, time, logs.CreateLogger<BackupLoop>()),
            quotas,
            new MetricLoop(outgoing.Metrics, counters, policyMetrics, current, options.InstanceId, time),
            outgoing.Loop,
            tls,
            stopping,
            owned);
    }

    /// <summary>A file that can't be used makes the gateway trust less, never fail to start: the others may be what it needs.</summary>
    private static TrustedRoots LocalAuthorities(GatewaySettings settings, ILogger logger) => settings.LocalCaPath is { } path
        ? TrustedRoots.FromPath(path, (file, why) => GatewayServer.LogBrokenAuthority(logger, file, why))
        : TrustedRoots.System;

    internal static IConfigurationCredential Credential(ConfigurationAuth auth, TrustedRoots roots, TimeProvider time, ILoggerFactory logs) =>
        auth is ConfigurationAuth.GatewayToken token
            ? new GatewayTokenCredential(token)
            : EntraCredential.Create(auth, roots, time, logs.CreateLogger<EntraCredential>());
}

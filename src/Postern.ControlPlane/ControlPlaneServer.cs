using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postern.ControlPlane.Access;
using Postern.ControlPlane.ConfigurationApi;
using Postern.ControlPlane.Import;
using Postern.ControlPlane.Publishing;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Resources.DeletedServices;
using Postern.ControlPlane.Resources.Gateways;
using Postern.ControlPlane.Resources.LongRunning;
using Postern.ControlPlane.Resources.Services;
using Postern.ControlPlane.Store;
using Postern.ControlPlane.Telemetry;
using Postern.Hosting;

namespace Postern.ControlPlane;

/// <summary>The control plane: the management API and the configuration API on one listener.</summary>
public sealed class ControlPlaneServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping;
    private readonly Stack<object> _parts;

    private ControlPlaneServer(WebApplication app, CancellationTokenSource stopping, Stack<object> parts, Uri address, IResourceStore store)
    {
        Store = store;
        _app = app;
        _stopping = stopping;
        _parts = parts;
        Address = address;
    }

    /// <summary>Where it really listens; <c>https://localhost:{port}/</c> when bound to loopback or any address.</summary>
    public Uri Address { get; }

    internal IResourceStore Store { get; }

    /// <exception cref="ListenException">The port is taken.</exception>
    /// <exception cref="InvalidDataException">The key file holds no key.</exception>
    public static async Task<ControlPlaneServer> StartAsync(ControlPlaneOptions options, CancellationToken cancellation)
    {
        var stopping = new CancellationTokenSource();
        var parts = new Stack<object>();
        try
        {
            var protector = Own(SecretProtector.FromKeyFile(options.KeyFile));
            var store = Own(await SqlResourceStore.OpenAsync(options.Store, options.Time, cancellation));
            var access = Own(new AccessPlane(Access(options), store));
            var secrets = new SecretMembers(protector);
            var envelope = new ArmEnvelope(secrets);
            var instances = new StoredGatewayInstances((IGatewayInstanceRows)store, options.Time);
            var rows = (IGatewayTelemetryRows)store;
            var events = new GatewayEventLog(rows.Events, options.Time);
            var telemetry = new GatewayTelemetry(
                events, Own(new GatewayEventRecorder(events, options.Logging.CreateLogger<GatewayEventRecorder>())), new(rows.Metrics, options.Time),
                new(rows.Traces, protector, options.Time), rows);
            var services = new KindServices(
                store, protector, secrets, envelope, options.Time, options.TenantId, Own(new AuthorityIdentities(options)), access.GatewayTokens, instances, telemetry,
                access.Explanation, Own(new DefinitionLinks(options.Roots, options.AllowPrivateLinks)));
            var published = Own(new GatewayPublications(store, secrets));
            var configuration = access.ConfigurationApi(
                published, new GatewayKeys(store, secrets), instances, telemetry, stopping.Token);
            var operations = Own(new LongRunningOperations(store, options.Time, options.Logging.CreateLogger<LongRunningOperations>()));
            Own(new ScheduledPurges(new(services), options.Time, options.Logging.CreateLogger<ScheduledPurges>()));
            var app = Own(Build(options, configuration, Dispatcher(options, services, access, operations)));
            await ListenAsync(app, options, cancellation);
            var address = AddressOf(app);
            await access.StartAsync(address, cancellation);
            return new(app, stopping, parts, address, store);
        }
        catch
        {
            await ReleaseAsync(parts);
            stopping.Dispose();
            throw;
        }

        T Own<T>(T part)
            where T : notnull
        {
            parts.Push(part);
            return part;
        }
    }

    /// <summary>Ends long polls, lets other calls finish, then closes the store.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _app.StopAsync();
        await ReleaseAsync(_parts);
        _stopping.Dispose();
    }

    private static AccessOptions Access(ControlPlaneOptions options) => new()
    {
        Authority = options.Authority,
        TenantId = options.TenantId,
        SubscriptionId = options.SubscriptionId,
        Owners = options.Owners,
        ExtraAudiences = options.ExtraAudiences,
        Directory = options.Directory,
        RoleSource = options.RoleSource,
        Roots = options.Roots,
        Time = options.Time,
        Logging = options.Logging,
    };

    private static ArmDispatcher Dispatcher(ControlPlaneOptions options, KindServices services, AccessPlane access, LongRunningOperations operations)
    {
        var kinds = KindCatalog.Create(services);
        return new(
            new(kinds, options.SubscriptionId),
            new(options, kinds, services.Store, access.Management, new(services)),
            [access.Authorization],
            access.Management,
            services.Store,
            new(services.Store, services.Envelope),
            new(services.Store, services.Envelope, services.Secrets),
            operations,
            options.Logging.CreateLogger<ArmDispatcher>());
    }

    private static WebApplication Build(ControlPlaneOptions options, ConfigurationApiEndpoints configuration, ArmDispatcher dispatcher)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(options.Logging);
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = ArmBody.MostDrainedBytes;
            kestrel.Limits.MaxRequestLineSize = 16 * 1024;
            kestrel.Listen(options.Listen.Address, options.Listen.Port, listen => listen.UseHttps(options.ServerCertificate));
        });
        var app = builder.Build();
        app.MapConfigurationApi(configuration);
        app.Run(dispatcher.HandleAsync);
        return app;
    }

    private static async Task ListenAsync(WebApplication app, ControlPlaneOptions options, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            throw new ListenException("control-plane", options.Listen.Port, error);
        }
    }

    private static Uri AddressOf(WebApplication app)
    {
        var bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var address = new Uri(bound.Replace("[::]", "localhost", StringComparison.Ordinal));
        return IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && (IPAddress.IsLoopback(ip) || ip.Equals(IPAddress.Any))
            ? new($"https://localhost:{address.Port}/")
            : address;
    }

    private static async ValueTask ReleaseAsync(Stack<object> parts)
    {
        while (parts.TryPop(out var part))
        {
            if (part is IAsyncDisposable asynchronous)
            {
                await asynchronous.DisposeAsync();
            }
            else
            {
                (part as IDisposable)?.Dispose();
            }
        }
    }
}

using Microsoft.Extensions.Logging;
using Postern.Authority;
using Postern.ControlPlane;
using Postern.ControlPlane.Store;
using Postern.Gateway;
using Postern.Gateway.Settings;
using Postern.Hosting;
using Postern.Hosting.Tls;
using Postern.Portal;

namespace Postern.Up;

/// <summary>
/// All roles in this process, in the order in which they need each other: authority, control plane, the sample's provisioning, gateway,
/// portal. Disposing stops them in the opposite order.
/// </summary>
internal sealed class UpSystem : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _running = new();

    public required UpFolder Folder { get; init; }

    public UpIdentity Identity { get; private set; } = null!;

    /// <summary>Contents of <c>connection.env</c>.</summary>
    public IReadOnlyDictionary<string, string> Connection { get; private set; } = null!;

    public Uri PortalSignIn { get; private set; } = null!;

    /// <exception cref="ListenException">A port is taken.</exception>
    /// <exception cref="ManagementException">A provisioning call was refused.</exception>
    public static async Task<UpSystem> StartAsync(
        UpFolder folder, UpPorts ports, TimeProvider time, ILoggerFactory logging, CancellationToken cancellation)
    {
        var system = new UpSystem { Folder = folder };
        try
        {
            await system.StartRolesAsync(ports, time, logging, cancellation);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    private async Task StartRolesAsync(UpPorts ports, TimeProvider time, ILoggerFactory logging, CancellationToken cancellation)
    {
        Folder.Create();
        Identity = UpIdentity.LoadOrCreate(Folder);
        var certificates = DevelopmentCertificates.LoadOrCreate(Folder.Certificates, time);
        var certificate = certificates.IssueLoopback();
        var roots = TrustedRoots.FromPath(certificates.CaFile);

        var backend = Keep(await SampleBackend.StartAsync(UpPorts.Loopback(ports.Backend), time, cancellation));
        var authority = Keep(await AuthorityServer.StartAsync(new AuthorityOptions
        {
            DataFolder = Folder.AuthorityData,
            Listen = UpPorts.Loopback(ports.Authority),
            ServerCertificate = certificate,
            Time = time,
            Logging = logging,
            Roots = roots,
            Seed = new AuthoritySeed(Identity.TenantId, [Seeded(Identity.Operator), Seeded(Identity.ControlPlane)]),
        }, cancellation));
        var controlPlane = Keep(await ControlPlaneServer.StartAsync(new ControlPlaneOptions
        {
            Store = StoreOptions.Sqlite(Folder.ControlPlaneDatabase),
            KeyFile = Folder.ControlPlaneKey,
            Listen = UpPorts.Loopback(ports.ControlPlane),
            ServerCertificate = certificate,
            Roots = roots,
            Authority = authority.Address,
            TenantId = Identity.TenantId,
            SubscriptionId = Identity.SubscriptionId,
            Owners = [Identity.Operator.ObjectId],
            Directory = new ClientCredential(Identity.ControlPlane.ClientId, Identity.ControlPlane.Secret),
            Time = time,
            Logging = logging,
        }, cancellation));

        using var client = new ManagementClient(controlPlane.Address, authority.Address, Identity.TenantId, Identity.Operator, roots);
        var scenario = new Scenario(client, Identity.SubscriptionId, backend.Address);
        if (!Identity.Provisioned)
        {
            Identity = Identity with { Gateway = await scenario.ProvisionAsync(cancellation), Provisioned = true };
            Identity.Save(Folder);
        }

        await scenario.PointBackendAsync(cancellation);
        var gateway = Keep(await StartGatewayAsync(ports, authority.Address, controlPlane.Address, certificate, roots, time, logging, cancellation));
        await gateway.Ready.WaitAsync(TimeSpan.FromSeconds(60), time, cancellation);
        var portal = Keep(await PortalServer.StartAsync(new PortalOptions
        {
            Listen = UpPorts.Loopback(ports.Portal),
            ServerCertificate = certificate,
            Roots = roots,
            ManagementEndpoint = controlPlane.Address,
            Authority = authority.Address,
            TenantId = Identity.TenantId,
            Operator = new ClientCredential(Identity.Operator.ClientId, Identity.Operator.Secret),
            SubscriptionId = Identity.SubscriptionId,
            ResourceGroup = Scenario.ResourceGroup,
            ServiceName = Scenario.ServiceName,
            AccessCode = Identity.PortalCode,
            ConfigurationEndpoint = controlPlane.Address,
            Time = time,
            Logging = logging,
        }, cancellation));
        PortalSignIn = new Uri(portal.Address, $"signin?code={Identity.PortalCode}");
        Connection = new Dictionary<string, string>
        {
            ["AZURE_AUTHORITY_HOST"] = authority.Address.ToString(),
            ["AZURE_TENANT_ID"] = Identity.TenantId,
            ["AZURE_CLIENT_ID"] = Identity.Operator.ClientId,
            ["AZURE_CLIENT_SECRET"] = Identity.Operator.Secret,
            ["AZURE_SUBSCRIPTION_ID"] = Identity.SubscriptionId,
            ["ARM_ENDPOINT"] = WithoutSlash(controlPlane.Address),
            ["RESOURCE_GROUP"] = Scenario.ResourceGroup,
            ["SERVICE_NAME"] = Scenario.ServiceName,
            ["CONFIGURATION_ENDPOINT"] = WithoutSlash(controlPlane.Address),
            ["GATEWAY_URL"] = WithoutSlash(gateway.HttpsAddress),
            ["GATEWAY_HTTP_URL"] = WithoutSlash(gateway.HttpAddress),
            ["GATEWAY_CLIENT_ID"] = Identity.Gateway!.ClientId,
            ["GATEWAY_CLIENT_SECRET"] = Identity.Gateway.Secret,
            ["PORTAL_URL"] = WithoutSlash(portal.Address),
            ["PORTAL_CODE"] = Identity.PortalCode,
            ["SUBSCRIPTION_KEY"] = await scenario.SubscriptionKeyAsync(cancellation),
            ["CA_FILE"] = certificates.CaFile,
        };
        ConnectionFile.Write(Folder, Connection);
    }

    private Task<GatewayServer> StartGatewayAsync(
        UpPorts ports, Uri authority, Uri configuration, System.Security.Cryptography.X509Certificates.X509Certificate2 certificate,
        TrustedRoots roots, TimeProvider time, ILoggerFactory logging, CancellationToken cancellation)
    {
        var settings = new Dictionary<string, string>
        {
            ["config.service.endpoint"] = configuration.ToString(),
            ["config.service.auth"] = "azureAdApp",
            ["config.service.auth.azureAd.authority"] = authority.ToString(),
            ["config.service.auth.azureAd.tenantId"] = Identity.TenantId,
            ["config.service.auth.azureAd.clientId"] = Identity.Gateway!.ClientId,
            ["config.service.auth.azureAd.clientSecret"] = Identity.Gateway.Secret,
            ["gateway.name"] = Scenario.Gateway,
            ["runtime.deployment.mechanism"] = "up",
        };
        return GatewayServer.StartAsync(new GatewayOptions
        {
            Settings = GatewaySettings.Read(settings) with { BackupFolder = Folder.GatewayBackup },
            Http = UpPorts.Loopback(ports.GatewayHttp),
            Https = UpPorts.Loopback(ports.GatewayHttps),
            ServerCertificate = certificate,
            Roots = roots,
            Time = time,
            Logging = logging,
        }, cancellation);
    }

    private static SeedApplication Seeded(UpApplication application) =>
        new(application.ClientId, application.DisplayName, application.ObjectId, application.Secret, DirectoryWriter: true);

    private static string WithoutSlash(Uri address) => address.GetLeftPart(UriPartial.Authority);

    private T Keep<T>(T role)
        where T : IAsyncDisposable
    {
        _running.Push(role);
        return role;
    }

    public async ValueTask DisposeAsync()
    {
        while (_running.TryPop(out var role))
        {
            await role.DisposeAsync();
        }
    }
}

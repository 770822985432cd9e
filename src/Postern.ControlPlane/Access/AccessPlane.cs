using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Postern.ControlPlane.Access.Arm;
using Postern.ControlPlane.Access.EntraTokens;
using Postern.ControlPlane.Access.GatewayTokens;
using Postern.ControlPlane.Access.Groups;
using Postern.ControlPlane.Access.RemoteRoles;
using Postern.ControlPlane.ConfigurationApi;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Store;
using Postern.ControlPlane.Telemetry;

namespace Postern.ControlPlane.Access;

/// <summary>Access control put together: everything that the control plane needs of it, and what must be let go of at the end.</summary>
internal sealed class AccessPlane : IAsyncDisposable
{
    /// <summary>A call to the authority; its answers are small.</summary>
    private static readonly TimeSpan AuthorityTimeout = TimeSpan.FromSeconds(15);

    private readonly AccessOptions _options;
    private readonly IResourceStore _store;
    private readonly HttpClient _client;
    private readonly AuthorityKeySource _keys;
    private readonly StoredRoles _roles;
    private readonly RoleWriting _writing = new();
    private readonly ServiceDirectory _services;
    private readonly EntraAuthentication _entra;
    private readonly GraphClient? _graph;
    private readonly AccessEvaluation _evaluation;
    private readonly ConfigurationRights _rights;
    private readonly RecentCallers _callers;
    private FrozenSet<string> _audiences = [];

    public AccessPlane(AccessOptions options, IResourceStore store)
    {
        _options = options;
        _store = store;
        _client = new(options.Roots.CreateHandler()) { Timeout = AuthorityTimeout };
        var logger = options.Logging.CreateLogger("Postern.Access");
        var authority = new Uri(options.Authority.AbsoluteUri.TrimEnd('/') + "/");
        _keys = new(new(_client, authority, options.TenantId), options.Time, logger);
        _entra = new(new(_keys, options.TenantId, options.Time), authority, options.TenantId, logger);
        _roles = new(store, options.TenantId);
        _services = new(store);
        _graph = options.Directory is { } credential ? new(_client, authority, options.TenantId, credential, options.Time) : null;
        IGroupMembership groups = _graph is null ? new NoGroups() : new GraphGroups(_graph, options.Time, logger);
        _evaluation = new(groups);
        _rights = new(RoleData(logger), _evaluation);
        _callers = new(options.Time, options.Logging.CreateLogger("Postern.ConfigurationApi"));
        Explanation = new(_services, _rights, _callers);
        TokenEvents = new GatewayTokenEvents(logger);
        GatewayTokens = new GatewayTokenIssuing(options.Time);
        Management = new ManagementAccess(_entra, () => _audiences, _roles, _evaluation, logger);
        Authorization = new AuthorizationProvider(
            [
                new RoleDefinitionType(store, _roles, Management, _writing),
                new RoleAssignmentType(store, _roles, groups, new(_graph), _writing),
                new DenyAssignmentType(store, _evaluation, _writing),
                new PermissionType(_roles, groups),
            ],
            Management);
    }

    public IManagementAccess Management { get; }

    /// <summary>Serves <c>Microsoft.Authorization</c>.</summary>
    public IResourceProvider Authorization { get; }

    public IGatewayTokens GatewayTokens { get; }

    /// <summary>Why principals may or may not have configurations.</summary>
    public GatewayAccessExplanation Explanation { get; }

    /// <summary>Gateway tokens that near their end, or have passed it.</summary>
    public IGatewayTokenEvents TokenEvents { get; }

    /// <summary>Before the first call: tells the server's own address, which is an audience, and seeds the owners.</summary>
    /// <param name="own">Where clients reach the management API.</param>
    public async Task StartAsync(Uri own, CancellationToken cancellation)
    {
        _audiences = Audiences.Management(own, _options.ExtraAudiences);
        await OwnerSeeding.EnsureAsync(_store, _options.SubscriptionId, _options.Owners, _options.Logging.CreateLogger("Postern.Access"), cancellation);
    }

    /// <param name="stopping">Ends long polls.</param>
    public ConfigurationApiEndpoints ConfigurationApi(
        IPublishedConfigurations published, IGatewayKeys gatewayKeys, IGatewayInstances instances, GatewayTelemetry telemetry, CancellationToken stopping)
    {
        var logger = _options.Logging.CreateLogger("Postern.ConfigurationApi");
        var watch = new GatewayTokenWatch(new RecordedTokenEvents(TokenEvents, telemetry.EventRecorder), _options.Time);
        var access = new ConfigurationAccess(_entra, new(gatewayKeys, _options.Time), watch, _rights, _callers);
        return new(new(_store, access, _services, published, instances, telemetry, watch, _options.Time, logger, stopping));
    }

    /// <exception cref="InvalidOperationException">A remote source without a credential to act as the service's identity.</exception>
    private IRoleData RoleData(ILogger logger) =>
        _options.RoleSource is not { } source ? new StoredRoleData(_roles, _evaluation)
        : _graph is null ? throw new InvalidOperationException("A remote source of role data (rbac.source) needs a directory credential: roles are read as the service's identity.")
        : new RemoteRoleData(new(_client, source), new ManagedIdentityTokens(_client, _graph, _options.Time), _options.RoleSourceAudience, _options.Time, logger);

    public ValueTask DisposeAsync()
    {
        _graph?.Dispose();
        _client.Dispose();
        _keys.Dispose();
        _roles.Dispose();
        _writing.Dispose();
        _services.Dispose();
        return ValueTask.CompletedTask;
    }
}

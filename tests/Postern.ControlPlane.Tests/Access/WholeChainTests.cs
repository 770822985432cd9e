using Postern.ControlPlane.Access;
using Postern.ControlPlane.Access.Groups;
using Postern.ControlPlane.Access.RemoteRoles;
using static Postern.ControlPlane.Tests.Access.ChainHost;

namespace Postern.ControlPlane.Tests.Access;

/// <summary>From an application's secret to its configuration, and every link of the chain taken away.</summary>
public sealed class WholeChainTests : IAsyncLifetime
{
    private ChainHost _host = null!;
    private Uri _plane = null!;
    private string _identity = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await ChainHost.StartAsync();
        _plane = await _host.StartPlaneAsync();
        _identity = await _host.SetUpAsync(_plane);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Both_roles_together_open_the_configuration_and_each_alone_does_not()
    {
        var neither = await _host.SnapshotAsync(_plane);
        Assert.Equal((403, AccessDiagnostics.IdentityMayNotReadRoles), (neither.Status, neither.Error?.Diagnostic));

        var validator = await _host.AssignAsync(_plane, Group, ValidatorRole, _identity);
        var onlyValidator = await _host.SnapshotAsync(_plane);
        Assert.Equal((403, AccessDiagnostics.DataActionNotPermitted), (onlyValidator.Status, onlyValidator.Error?.Diagnostic));
        Assert.All(
            [GatewayApp.ClientId, GatewayApp.ObjectId, "Microsoft.ApiManagement/service/gateways/getConfiguration/action", Gateway],
            named => Assert.Contains(named, onlyValidator.Error!.Message));

        var reader = await _host.AssignAsync(_plane, Service, ReaderRole, GatewayApp.ObjectId);
        Assert.Equal(200, (await _host.SnapshotAsync(_plane)).Status);

        await _host.RemoveAsync(_plane, validator);
        var onlyReader = await _host.SnapshotAsync(_plane);
        Assert.Equal((403, "AuthorizationFailed", AccessDiagnostics.IdentityMayNotReadRoles), (onlyReader.Status, onlyReader.Error!.Code, onlyReader.Error.Diagnostic));
        Assert.Contains(_identity, onlyReader.Error.Message);

        await _host.AssignAsync(_plane, Subscription, ValidatorRole, _identity);
        Assert.Equal(200, (await _host.SnapshotAsync(_plane)).Status);
        await _host.RemoveAsync(_plane, reader);
        Assert.Equal(403, (await _host.SnapshotAsync(_plane)).Status);
    }

    [Fact]
    public async Task A_role_of_a_group_within_a_group_counts_and_leaving_counts_within_five_seconds()
    {
        await _host.AssignAsync(_plane, Group, ValidatorRole, _identity);
        var outer = await GroupAsync("outer");
        var inner = await GroupAsync("inner");
        await JoinAsync(outer, inner);
        await _host.AssignAsync(_plane, Service, ReaderRole, outer, "Group");
        Assert.Equal(403, (await _host.SnapshotAsync(_plane)).Status);

        await JoinAsync(inner, GatewayApp.ObjectId);
        _host.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(200, (await _host.SnapshotAsync(_plane)).Status);

        await _host.GraphAsync(HttpMethod.Delete, $"groups/{inner}/members/{GatewayApp.ObjectId}/$ref", null);
        _host.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(403, (await _host.SnapshotAsync(_plane)).Status);
    }

    [Fact]
    public async Task An_assignment_without_a_principal_type_asks_the_directory()
    {
        var group = await GroupAsync("typed");
        foreach (var (principal, type) in ((string, string)[])[(GatewayApp.ObjectId, "ServicePrincipal"), (group, "Group")])
        {
            var made = await PutAsync(principal);
            Assert.Equal((201, type), (made.Status, made.Body!["properties"]!["principalType"]!.GetValue<string>()));
        }

        var nobody = await PutAsync(Guid.NewGuid().ToString());
        Assert.Equal((400, "PrincipalNotFound"), (nobody.Status, nobody.Body!["error"]!["code"]!.GetValue<string>()));

        Task<(int Status, System.Text.Json.Nodes.JsonObject? Body)> PutAsync(string principal) => _host.TryManageAsync(
            _plane, HttpMethod.Put, $"{Service}/providers/Microsoft.Authorization/roleAssignments/{Guid.NewGuid()}",
            $$$"""{"properties":{"roleDefinitionId":"/providers/Microsoft.Authorization/roleDefinitions/{{{ReaderRole}}}","principalId":"{{{principal}}}"}}""", "2022-04-01");
    }

    [Fact]
    public async Task An_outage_of_the_directory_is_invisible_to_roles_of_ones_own()
    {
        await _host.AssignAsync(_plane, Group, ValidatorRole, _identity);
        await _host.AssignAsync(_plane, Service, ReaderRole, GatewayApp.ObjectId);
        var token = "Bearer " + await _host.TokenAsync(GatewayApp, Configuration);
        Assert.Equal(200, (await _host.SnapshotAsync(_plane, token)).Status);
        await _host.StopAuthorityAsync();
        _host.Time.Advance(TimeSpan.FromMinutes(30));

        Assert.Equal(200, (await _host.SnapshotAsync(_plane, token)).Status);
    }

    [Fact]
    public async Task Groups_that_were_known_serve_for_ten_minutes_of_outage_and_then_nothing_is_decided()
    {
        await _host.AssignAsync(_plane, Group, ValidatorRole, _identity);
        var group = await GroupAsync("gateways");
        await JoinAsync(group, GatewayApp.ObjectId);
        await _host.AssignAsync(_plane, Service, ReaderRole, group, "Group");
        var token = "Bearer " + await _host.TokenAsync(GatewayApp, Configuration);
        Assert.Equal(200, (await _host.SnapshotAsync(_plane, token)).Status);
        await _host.StopAuthorityAsync();

        _host.Time.Advance(GraphGroups.UsableFor - TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await _host.SnapshotAsync(_plane, token)).Status);
        _host.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(503, (await _host.SnapshotAsync(_plane, token)).Status);
    }

    [Fact]
    public async Task Role_data_of_a_second_control_plane_decides_when_it_is_the_source()
    {
        var here = await _host.StartPlaneAsync(roleSource: _plane);
        var identity = await _host.SetUpAsync(here);
        Assert.Equal(_identity, identity);
        await _host.AssignAsync(here, Group, ValidatorRole, identity);
        await _host.AssignAsync(here, Service, ReaderRole, GatewayApp.ObjectId);
        var unread = await _host.SnapshotAsync(here);
        Assert.Equal((403, AccessDiagnostics.IdentityMayNotReadRoles), (unread.Status, unread.Error?.Diagnostic));

        var validator = await _host.AssignAsync(_plane, Group, ValidatorRole, identity);
        _host.Time.Advance(RemoteRoleData.FreshFor);
        var unpermitted = await _host.SnapshotAsync(here);
        Assert.Equal((403, AccessDiagnostics.DataActionNotPermitted), (unpermitted.Status, unpermitted.Error?.Diagnostic));

        var reader = await _host.AssignAsync(_plane, Service, ReaderRole, GatewayApp.ObjectId);
        _host.Time.Advance(RemoteRoleData.FreshFor);
        Assert.Equal(200, (await _host.SnapshotAsync(here)).Status);

        await _host.RemoveAsync(_plane, reader);
        _host.Time.Advance(RemoteRoleData.FreshFor);
        Assert.Equal(403, (await _host.SnapshotAsync(here)).Status);

        await _host.RemoveAsync(_plane, validator);
        _host.Time.Advance(RemoteRoleData.FreshFor);
        Assert.Equal(AccessDiagnostics.IdentityMayNotReadRoles, (await _host.SnapshotAsync(here)).Error?.Diagnostic);
    }

    [Fact]
    public async Task An_outage_of_the_role_source_is_bridged_for_ten_minutes_and_then_nothing_is_decided()
    {
        var here = await _host.StartPlaneAsync(roleSource: _plane);
        await _host.SetUpAsync(here);
        await _host.AssignAsync(_plane, Group, ValidatorRole, _identity);
        await _host.AssignAsync(_plane, Service, ReaderRole, GatewayApp.ObjectId);
        Assert.Equal(200, (await _host.SnapshotAsync(here)).Status);
        await _host.StopPlaneAsync(0);

        _host.Time.Advance(RemoteRoleData.UsableFor - TimeSpan.FromSeconds(5));
        Assert.Equal(200, (await _host.SnapshotAsync(here)).Status);
        _host.Time.Advance(TimeSpan.FromSeconds(10));
        var late = await _host.SnapshotAsync(here);
        Assert.Equal((503, AccessDiagnostics.RolesUnreachable), (late.Status, late.Error?.Diagnostic));
    }

    [Fact]
    public async Task Two_control_planes_with_one_identity_both_read_roles()
    {
        var first = await _host.StartPlaneAsync(roleSource: _plane);
        var second = await _host.StartPlaneAsync(roleSource: _plane);
        await _host.SetUpAsync(first);
        await _host.SetUpAsync(second);
        await _host.AssignAsync(_plane, Group, ValidatorRole, _identity);
        await _host.AssignAsync(_plane, Service, ReaderRole, GatewayApp.ObjectId);

        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(200, (await _host.SnapshotAsync(first)).Status);
            Assert.Equal(200, (await _host.SnapshotAsync(second)).Status);
            _host.Time.Advance(TimeSpan.FromHours(2));
        }
    }

    private async Task<string> GroupAsync(string name) => (await _host.GraphAsync(HttpMethod.Post, "groups",
        $$"""{"displayName":"{{name}}","mailEnabled":false,"mailNickname":"{{name}}","securityEnabled":true}"""))["id"]!.GetValue<string>();

    private Task JoinAsync(string group, string member) => _host.GraphAsync(HttpMethod.Post, $"groups/{group}/members/$ref",
        $$"""{"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/{{member}}"}""");
}

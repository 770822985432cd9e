using System.Text.Json.Nodes;
using Postern.ControlPlane.Access;
using static Postern.ControlPlane.Tests.Access.ChainHost;

namespace Postern.ControlPlane.Tests.Access;

/// <summary>The explanation endpoint says at each broken link which one it is.</summary>
public sealed class GatewayAccessExplanationTests : IAsyncLifetime
{
    private ChainHost _host = null!;
    private Uri _plane = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await ChainHost.StartAsync();
        _plane = await _host.StartPlaneAsync();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Each_link_of_the_chain_is_explained_until_it_holds()
    {
        var identity = await _host.SetUpAsync(_plane);
        var unread = await ExplainAsync();
        Assert.Equal((false, AccessDiagnostics.IdentityMayNotReadRoles, "Identity True, RoleData False"), Summary(unread));
        Assert.Contains("Validator", unread["cure"]!.GetValue<string>());

        await _host.AssignAsync(_plane, Group, ValidatorRole, identity);
        var unpermitted = await ExplainAsync();
        Assert.Equal((false, AccessDiagnostics.DataActionNotPermitted, "Identity True, RoleData True, DataAction False"), Summary(unpermitted));

        await _host.AssignAsync(_plane, Service, ReaderRole, GatewayApp.ObjectId);
        var permitted = await ExplainAsync();
        Assert.Equal((true, null, "Identity True, RoleData True, DataAction True"), Summary(permitted));
        Assert.Contains("API Management Gateway Configuration Reader Role", permitted["explanation"]!.GetValue<string>());
    }

    [Fact]
    public async Task Without_a_question_whoever_asked_lately_is_explained()
    {
        await _host.SetUpAsync(_plane);
        Assert.Empty((await _host.ManageAsync(_plane, HttpMethod.Get, Gateway + "/access"))["value"]!.AsArray());
        await _host.SnapshotAsync(_plane);

        var explained = Assert.Single((await _host.ManageAsync(_plane, HttpMethod.Get, Gateway + "/access"))["value"]!.AsArray())!;
        Assert.Equal((GatewayApp.ObjectId, GatewayApp.ClientId), (explained["properties"]!["principalId"]!.GetValue<string>(), explained["properties"]!["applicationId"]!.GetValue<string>()));
        _host.Time.Advance(TimeSpan.FromMinutes(61));
        Assert.Empty((await _host.ManageAsync(_plane, HttpMethod.Get, Gateway + "/access"))["value"]!.AsArray());
    }

    [Fact]
    public async Task It_is_for_those_who_may_see_the_gateway()
    {
        await _host.SetUpAsync(_plane);

        Assert.Equal(403, (await _host.TryManageAsync(_plane, HttpMethod.Get, Gateway + "/access", by: GatewayApp)).Status);
        Assert.Equal(404, (await _host.TryManageAsync(_plane, HttpMethod.Get, Service + "/gateways/nowhere/access")).Status);
    }

    private async Task<JsonNode> ExplainAsync() =>
        Assert.Single((await _host.ManageAsync(_plane, HttpMethod.Get, $"{Gateway}/access?principalId={GatewayApp.ObjectId}"))["value"]!.AsArray())!["properties"]!;

    private static (bool Allowed, string? Diagnostic, string Steps) Summary(JsonNode properties) => (
        properties["allowed"]!.GetValue<bool>(),
        properties["diagnostic"]?.GetValue<string>(),
        string.Join(", ", properties["steps"]!.AsArray().Select(step => $"{step!["step"]} {step["passed"]!.GetValue<bool>()}")));
}

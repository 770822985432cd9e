using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources.Gateways;

/// <summary>A self-hosted gateway as a resource: many processes run as one of these.</summary>
internal sealed class GatewayKind : ResourceKind
{
    public const string TypeName = "Microsoft.ApiManagement/service/gateways";

    private static readonly Member[] Declared =
    [
        Member.Object(
            "locationData",
            Member.Text("name", 0, 256).Required(),
            Member.Text("city", 0, 256),
            Member.Text("district", 0, 256),
            Member.Text("countryOrRegion", 0, 256)),
        Member.Text("description", 0, 1000),
        Member.Text(GatewayKeys.Primary).Secret().ReadOnly(),
        Member.Text(GatewayKeys.Secondary).Secret().ReadOnly(),
        Member.Text(GatewayKeys.Debug).Secret().ReadOnly(),
    ];

    public GatewayKind(KindServices services)
        : base(TypeName)
    {
        var actions = new GatewayActions(services, this);
        var debug = new DebugActions(services, this);
        Actions = new Dictionary<string, ResourceAction>(StringComparer.OrdinalIgnoreCase)
        {
            ["listKeys"] = actions.ListKeysAsync,
            ["regenerateKey"] = actions.RegenerateKeyAsync,
            ["generateToken"] = actions.GenerateTokenAsync,
            ["listDebugCredentials"] = debug.ListDebugCredentialsAsync,
            ["invalidateDebugCredentials"] = debug.InvalidateDebugCredentialsAsync,
            ["listTrace"] = debug.ListTraceAsync,
            [RestoreAction.Name] = new RestoreAction(services, this, Member.Text(GatewayKeys.Primary), Member.Text(GatewayKeys.Secondary)) { Check = GatewayKeys.Check }.InvokeAsync,
        };
    }

    public override IReadOnlyList<Member> Members => Declared;

    public override IReadOnlyDictionary<string, ResourceAction> Actions { get; }

    public override ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        if (change.Name.Equals("managed", StringComparison.OrdinalIgnoreCase))
        {
            change.Problem("name", "'managed' is the name of the built-in gateway.");
        }

        change.Properties[GatewayKeys.Primary] ??= GatewayKeys.Generate();
        change.Properties[GatewayKeys.Secondary] ??= GatewayKeys.Generate();
        change.Properties[GatewayKeys.Debug] ??= GatewayKeys.Generate();
        return default;
    }
}

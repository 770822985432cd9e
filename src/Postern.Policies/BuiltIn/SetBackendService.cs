using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Policies.BuiltIn;

[Policy("set-backend-service", In.Everywhere, Summary = "Sends the request to another base address, backend entity or Dapr application.")]
internal sealed record SetBackendServicePolicy : Policy, ILight
{
    private const string Dapr = "dapr";

    [XmlAttribute("base-url", Summary = "New base address.")]
    public Value<string>? BaseUrl { get; init; }

    [XmlAttribute("backend-id", Summary = "Backend entity; dapr with the attributes below.")]
    public Value<string>? BackendId { get; init; }

    [XmlAttribute("dapr-app-id", Summary = "Dapr application.")]
    public Value<string>? DaprApplication { get; init; }

    [XmlAttribute("dapr-method", Summary = "Method or path of the Dapr application.")]
    public Value<string>? DaprMethod { get; init; }

    [XmlAttribute("dapr-namespace", Summary = "Namespace of the Dapr application.")]
    public Value<string>? DaprNamespace { get; init; }

    [XmlAttribute("sf-resolve-condition", Summary = "Refused: Service Fabric is not resolved by this gateway.")]
    public Value<string>? FabricResolveCondition { get; init; }

    [XmlAttribute("sf-service-instance-name", Summary = "Refused, as above.")]
    public Value<string>? FabricService { get; init; }

    [XmlAttribute("sf-partition-key", Summary = "Refused, as above.")]
    public Value<string>? FabricPartition { get; init; }

    [XmlAttribute("sf-replica-type", Summary = "Refused, as above.")]
    public Value<string>? FabricReplica { get; init; }

    [XmlAttribute("sf-listener-name", Summary = "Refused, as above.")]
    public Value<string>? FabricListener { get; init; }

    public override void Validate(PolicyRules rules)
    {
        rules.Check((FabricResolveCondition ?? FabricService ?? FabricPartition ?? FabricReplica ?? FabricListener) is null,
            "The attributes 'sf-…' are for Service Fabric, whose services this gateway can't look up. Remove them, and give the service's address as 'base-url' or in the backend entity.");
        rules.Check((BaseUrl is null) != (BackendId is null), "Exactly one of the attributes 'base-url' and 'backend-id' is needed.");
        rules.Check(BaseUrl is not { IsConstant: true } || Address(BaseUrl.Constant) is not null, "Attribute 'base-url' is not an absolute http, https, ws or wss address.");
        var isDapr = BackendId is { IsConstant: true, Constant: Dapr };
        rules.Check(isDapr == (DaprApplication is not null && DaprMethod is not null) && (isDapr || DaprNamespace is null),
            "backend-id=\"dapr\" needs dapr-app-id and dapr-method, and only it takes them.");
    }

    public override PolicyStep Compile(PolicyCompile compile)
    {
        if (BackendId is { IsConstant: true, Constant: Dapr })
        {
            return SendToDapr;
        }

        if (BackendId is not null)
        {
            return context => ChooseEntity(context, compile.Scope);
        }

        var constant = BaseUrl!.IsConstant ? Address(BaseUrl.Constant) : null;
        return context =>
        {
            var target = context.Request.Backend;
            if (target.BackendId is not null && context.Request.EntityScope != compile.Scope)
            {
                // A backend entity that an outer scope chose is overridden by another entity only.
                return default;
            }

            if ((constant ?? Address(BaseUrl.Get(context))) is not { } address)
            {
                return new(Flow.Fail(Failed("BackendAddressInvalid", "The value of 'base-url' is not an absolute http, https, ws or wss address.")));
            }

            context.Request.Backend = target with { Base = address, BackendId = null };
            context.Request.Entity = null;
            return default;
        };
    }

    private ValueTask<Flow> ChooseEntity(PolicyContext context, PolicyScope scope)
    {
        var id = BackendId!.Get(context);
        if (context.Services.FindBackend(id) is not { } address)
        {
            return new(Flow.Fail(Failed("BackendNotFound", $"There is no backend '{id}'.")));
        }

        context.Request.Backend = context.Request.Backend with { Base = address, BackendId = id };
        context.Request.Entity = context.Services.FindBackendEntity(id);
        context.Request.EntityScope = scope;
        return default;
    }

    private ValueTask<Flow> SendToDapr(PolicyContext context)
    {
        var space = DaprNamespace?.Get(context) is { Length: > 0 } name ? $".{name}" : "";
        context.Request.Backend = context.Request.Backend with
        {
            Base = context.Services.DaprSidecar,
            BackendId = null,
            Path = $"/v1.0/invoke/{Uri.EscapeDataString(DaprApplication!.Get(context))}{space}/method/{DaprMethod!.Get(context).TrimStart('/')}",
        };
        return default;
    }

    private PolicyError Failed(string reason, string message) => Error(500, reason, message) with { PublicMessage = null };

    private static Uri? Address(string text) =>
        Uri.TryCreate(text.Trim(), UriKind.Absolute, out var address) && address.Scheme is "http" or "https" or "ws" or "wss" ? address : null;
}

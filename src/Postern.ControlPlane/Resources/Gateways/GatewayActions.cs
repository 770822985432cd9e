using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources.Gateways;

/// <summary>Keys and tokens of a gateway.</summary>
internal sealed class GatewayActions(KindServices services, GatewayKind kind)
{
    public ValueTask<ArmResponse> ListKeysAsync(ActionCall call, CancellationToken cancellation) => new(ArmResponse.Ok(
        new JsonObject
        {
            ["primary"] = services.Secrets.Reveal(call.Row.Id, call.Properties, GatewayKeys.Primary),
            ["secondary"] = services.Secrets.Reveal(call.Row.Id, call.Properties, GatewayKeys.Secondary),
        },
        call.Row.ETag));

    public async ValueTask<ArmResponse> RegenerateKeyAsync(ActionCall call, CancellationToken cancellation)
    {
        var body = await call.Call.ReadBodyAsync(cancellation);
        if (body.Error is not null)
        {
            return body.Error;
        }

        if (KeyMember(body.Value) is not { } member)
        {
            return ArmErrors.Validation("keyType", "'keyType' must be primary or secondary.");
        }

        var row = call.Row;
        while (true)
        {
            var stored = ArmJson.ParseObject(row.Body);
            stored.Properties()[member] = GatewayKeys.Generate();
            services.Secrets.Seal(kind, row.Id, stored.Properties());
            var write = new Store.ResourceWrite(row.Id, row.Type, stored.ToJsonString(ArmJson.Options), call.Call.Caller.ObjectId, IfMatch: row.ETag);
            if ((await services.Store.WriteAsync([write], cancellation)).Conflict is null)
            {
                return ArmResponse.NoContent;
            }

            if (await services.Store.FindAsync(row.Id, cancellation) is not { } again)
            {
                return ArmErrors.NotFound(row.Id);
            }

            row = again;
        }
    }

    public async ValueTask<ArmResponse> GenerateTokenAsync(ActionCall call, CancellationToken cancellation)
    {
        var body = await call.Call.ReadBodyAsync(cancellation);
        if (body.Error is not null)
        {
            return body.Error;
        }

        if (KeyMember(body.Value) is not { } member)
        {
            return ArmErrors.Validation("keyType", "'keyType' must be primary or secondary.");
        }

        if (body.Value?.Text("expiry") is not { } text || !MemberRules.TryTime(text, out var expiry))
        {
            return ArmErrors.Validation("expiry", "'expiry' must be a date and time (ISO 8601).");
        }

        var token = services.GatewayTokens.Create(call.Row.Name, services.Secrets.Reveal(call.Row.Id, call.Properties, member)!, expiry);
        return token.Value is null
            ? ArmErrors.Validation("expiry", token.Problem ?? "The expiry is not possible.")
            : ArmResponse.Ok(new JsonObject { ["value"] = token.Value });
    }

    private static string? KeyMember(JsonObject? body) => body?.Text("keyType")?.ToLowerInvariant() switch
    {
        "primary" => GatewayKeys.Primary,
        "secondary" => GatewayKeys.Secondary,
        _ => null,
    };
}

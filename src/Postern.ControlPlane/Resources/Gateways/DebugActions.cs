using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using Postern.ControlPlane.Resources.Apis;
using Postern.ControlPlane.Store;
using Postern.Snapshots;

namespace Postern.ControlPlane.Resources.Gateways;

/// <summary>Tokens with which callers may have requests traced, and the traces.</summary>
internal sealed class DebugActions(KindServices services, GatewayKind kind)
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public async ValueTask<ArmResponse> ListDebugCredentialsAsync(ActionCall call, CancellationToken cancellation)
    {
        var body = await call.Call.ReadBodyAsync(cancellation);
        if (body.Error is not null)
        {
            return body.Error;
        }

        if (body.Value?["purposes"] is not JsonArray { Count: > 0 } purposes || !purposes.All(IsTracing))
        {
            return ArmErrors.Validation("purposes", "'purposes' must be a list with tracing in it; there is no other purpose.");
        }

        if (!TryLifetime(body.Value, out var lifetime))
        {
            return ArmErrors.Validation("credentialsExpireAfter", "'credentialsExpireAfter' must be an ISO 8601 duration, more than zero and at most PT1H.");
        }

        var given = body.Value.Text("apiId");
        if (given is null || References.Absolute(References.ServiceOf(call.Row.Id), given) is not { } id
            || await services.Store.FindAsync(id, cancellation) is not { } api || !ResourceIds.Same(api.Type, ApiKind.TypeName))
        {
            return ArmErrors.Validation("apiId", "'apiId' must be the id of an API of this service.");
        }

        var key = services.Secrets.Reveal(call.Row.Id, call.Properties, GatewayKeys.Debug);
        if (key is null)
        {
            // A gateway that was made before there were such keys.
            if (await NewKeyAsync(call, onlyWhenAbsent: true, cancellation) is not { } made)
            {
                return ArmErrors.NotFound(call.Row.Id);
            }

            key = made;
        }

        return ArmResponse.Ok(new JsonObject { ["token"] = DebugToken.Sign(api.Name, services.Time.GetUtcNow() + lifetime, key).Value });
    }

    /// <summary>A new key: gateways get it with their next change, and refuse what the old one signed.</summary>
    public async ValueTask<ArmResponse> InvalidateDebugCredentialsAsync(ActionCall call, CancellationToken cancellation) =>
        await NewKeyAsync(call, onlyWhenAbsent: false, cancellation) is null ? ArmErrors.NotFound(call.Row.Id) : ArmResponse.NoContent;

    public async ValueTask<ArmResponse> ListTraceAsync(ActionCall call, CancellationToken cancellation)
    {
        var body = await call.Call.ReadBodyAsync(cancellation);
        if (body.Error is not null)
        {
            return body.Error;
        }

        if (body.Value?.Text("traceId") is not { Length: > 0 and <= 64 } traceId)
        {
            return ArmErrors.Validation("traceId", "'traceId' must be what the gateway answered in Apim-Trace-Id.");
        }

        return await services.Telemetry.Traces.FindAsync(call.Row.Id, traceId, cancellation) is { } trace
            ? ArmResponse.Ok(trace)
            : new ArmError(404, "ResourceNotFound", $"The trace '{traceId}' was not found: the gateway has not sent it yet, or it is not kept any more.", traceId);
    }

    /// <returns>Null when the gateway is gone.</returns>
    private async ValueTask<string?> NewKeyAsync(ActionCall call, bool onlyWhenAbsent, CancellationToken cancellation)
    {
        var row = call.Row;
        while (true)
        {
            var stored = ArmJson.ParseObject(row.Body);
            if (onlyWhenAbsent && services.Secrets.Reveal(row.Id, stored.Properties(), GatewayKeys.Debug) is { } other)
            {
                return other;
            }

            var key = GatewayKeys.Generate();
            stored.Properties()[GatewayKeys.Debug] = key;
            services.Secrets.Seal(kind, row.Id, stored.Properties());
            var write = new ResourceWrite(row.Id, row.Type, stored.ToJsonString(ArmJson.Options), call.Call.Caller.ObjectId, IfMatch: row.ETag);
            if ((await services.Store.WriteAsync([write], cancellation)).Conflict is null)
            {
                return key;
            }

            if (await services.Store.FindAsync(row.Id, cancellation) is not { } again)
            {
                return null;
            }

            row = again;
        }
    }

    private static bool IsTracing(JsonNode? purpose) =>
        purpose is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>().Equals("tracing", StringComparison.OrdinalIgnoreCase);

    private static bool TryLifetime(JsonObject body, out TimeSpan lifetime)
    {
        lifetime = Longest;
        if (body["credentialsExpireAfter"] is not { } given)
        {
            return true;
        }

        try
        {
            lifetime = given.GetValueKind() == JsonValueKind.String ? XmlConvert.ToTimeSpan(given.GetValue<string>()) : TimeSpan.Zero;
        }
        catch (Exception malformed) when (malformed is FormatException or OverflowException)
        {
            return false;
        }

        return lifetime > TimeSpan.Zero && lifetime <= Longest;
    }
}

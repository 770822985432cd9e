using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Postern.ControlPlane.Access;
using Postern.Snapshots;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>
/// <c>/gateways/{id}/{snapshot|events|heartbeat|metrics|traces}</c>: address, caller, permission, then the call. docs/configuration-api.md is the
/// contract; change both together.
/// </summary>
internal sealed class ConfigurationApiEndpoints(ConfigurationApiParts parts)
{
    public const string VersionHeader = "Postern-Configuration-Version";
    public const string Version = "1";

    private const int MostHeartbeatBytes = 64 * 1024;

    private readonly SnapshotEndpoint _snapshot = new(parts);
    private readonly EventsEndpoint _events = new(parts);
    private readonly TelemetryEndpoint _telemetry = new(parts);

    /// <returns>False when the request isn't for this API.</returns>
    public async ValueTask<bool> TryHandleAsync(HttpContext context)
    {
        if (ConfigurationCall.Segments(context.Request.Path.Value) is not { } segments)
        {
            return false;
        }

        context.Response.Headers[VersionHeader] = Version;
        try
        {
            await HandleAsync(context, segments);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone: nobody reads an answer.
        }
        catch (BadHttpRequestException error) when (!context.Response.HasStarted)
        {
            await ConfigurationAnswers.ErrorAsync(context, error.StatusCode, "InvalidRequest", "The request could not be read.");
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            ConfigurationApiLog.Failed(parts.Logger, error, context.Request.Method, context.Request.Path);
            await ConfigurationAnswers.ErrorAsync(context, StatusCodes.Status500InternalServerError, "InternalServerError", "The call failed inside the control plane; its log says why.");
        }

        return true;
    }

    private async Task HandleAsync(HttpContext context, string[] segments)
    {
        if (ConfigurationCall.Parse(segments) is not { } call)
        {
            await ConfigurationAnswers.ErrorAsync(context, StatusCodes.Status404NotFound, "ResourceNotFound",
                "There is no such call; there are /gateways/{id}/snapshot, events, heartbeat, metrics and traces.");
            return;
        }

        if (!call.Methods.Contains(context.Request.Method))
        {
            context.Response.Headers.Allow = string.Join(", ", call.Methods);
            await ConfigurationAnswers.ErrorAsync(context, StatusCodes.Status405MethodNotAllowed, "MethodNotAllowed", $"This call is a {string.Join(" or ", call.Methods)}.");
            return;
        }

        var cancellation = context.RequestAborted;
        if (await parts.Services.FindAsync(context.Request.Host.Host, call.Gateway, cancellation) is not { } service)
        {
            await ConfigurationAnswers.ErrorAsync(context, StatusCodes.Status404NotFound, "ResourceNotFound",
                $"No service is known as '{context.Request.Host.Host}', and not exactly one has a gateway '{call.Gateway}': with several services, the first label of the host name must be a service's name.");
            return;
        }

        var target = new ConfigurationTarget(service, call.Gateway);
        var exists = await ExistsAsync(target, cancellation);
        var (caller, refusal) = await parts.Access.AuthenticateAsync(context.Request.Headers.Authorization, service, call.Gateway, exists, cancellation);
        refusal ??= await parts.Access.AuthorizeAsync(caller!, service, call.Gateway, exists, cancellation);
        if (refusal is not null)
        {
            await ConfigurationAnswers.RefuseAsync(context, refusal);
        }
        else if (!exists)
        {
            await UnknownGatewayAsync(context, target);
        }
        else
        {
            await (call.Kind switch
            {
                ConfigurationCallKind.Snapshot => _snapshot.HandleAsync(context, target),
                ConfigurationCallKind.Events when HttpMethods.IsPost(context.Request.Method) => _telemetry.EventsAsync(context, target),
                ConfigurationCallKind.Events => _events.HandleAsync(context, target, caller!),
                ConfigurationCallKind.Heartbeat => HeartbeatAsync(context, target, caller!),
                ConfigurationCallKind.Traces => _telemetry.TracesAsync(context, target),
                _ => _telemetry.MetricsAsync(context, target),
            });
        }
    }

    private async ValueTask<bool> ExistsAsync(ConfigurationTarget target, CancellationToken cancellation) =>
        await parts.Store.FindAsync(target.GatewayId, cancellation) is not null;

    private async Task HeartbeatAsync(HttpContext context, ConfigurationTarget target, ConfigurationCaller caller)
    {
        if (await ConfigurationBody.ReadAsync(context, SnapshotJson.Default.Heartbeat, MostHeartbeatBytes) is { } heartbeat
            && await ConfigurationBody.IsGoodAsync(context, TelemetryRules.Check(heartbeat)))
        {
            await parts.Instances.RecordAsync(target.GatewayId, heartbeat, context.RequestAborted);
            if (caller.Token is { } token)
            {
                parts.TokenWatch.Used(target.GatewayId, heartbeat.InstanceId, token);
            }

            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }

    internal static Task UnknownGatewayAsync(HttpContext context, ConfigurationTarget target) => ConfigurationAnswers.ErrorAsync(
        context, StatusCodes.Status404NotFound, "ResourceNotFound", $"The gateway '{target.Gateway}' was not found in service '{target.Service.Name}'.", target.GatewayId);
}

/// <summary>The gateway resource that a call is about; it may not be there.</summary>
internal sealed record ConfigurationTarget(KnownService Service, string Gateway)
{
    public string GatewayId { get; } = Service.GatewayId(Gateway);
}

internal static class ConfigurationApiMapping
{
    /// <summary>Handles the configuration API's paths before anything else looks at them.</summary>
    public static IApplicationBuilder MapConfigurationApi(this IApplicationBuilder app, ConfigurationApiEndpoints endpoints) => app.Use(async (context, next) =>
    {
        if (!await endpoints.TryHandleAsync(context))
        {
            await next(context);
        }
    });
}

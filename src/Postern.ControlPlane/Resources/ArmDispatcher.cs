using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Postern.ControlPlane.Access;
using Postern.ControlPlane.Access.Rbac;
using Postern.ControlPlane.Resources.LongRunning;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources;

/// <summary>
/// The management API's one endpoint. In this order: normalise the path, know the caller, check the api-version, find out what is
/// addressed, ask whether the caller may, see that the parents exist, act.
/// </summary>
internal sealed class ArmDispatcher(
    AddressReader addresses,
    TenantEndpoints tenant,
    IReadOnlyList<IResourceProvider> providers,
    IManagementAccess access,
    IResourceStore store,
    ArmReads reads,
    ArmWrites writes,
    LongRunningOperations operations,
    ILogger<ArmDispatcher> logger)
{
    private readonly OperationEndpoints _operationEndpoints = new(operations, reads, access);

    public async Task HandleAsync(HttpContext context)
    {
        CorrelationHeaders.Set(context);
        ArmResponse response;
        try
        {
            response = await RespondAsync(context.Request, context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (BadHttpRequestException error)
        {
            response = new ArmError(error.StatusCode, "BadRequest", error.Message);
        }
        catch (Exception error)
        {
            ResourceLog.CallFailed(logger, error, context.Request.Method, context.Request.Path, CorrelationHeaders.RequestId(context));
            response = new ArmError(
                500, "InternalServerError", $"The server failed to process the request; its log has the cause under request id {CorrelationHeaders.RequestId(context)}.",
                Diagnostic: ControlPlaneDiagnostics.Internal);
        }

        await ArmWriter.WriteAsync(context, response);
    }

    private async ValueTask<ArmResponse> RespondAsync(HttpRequest request, CancellationToken cancellation)
    {
        var target = request.HttpContext.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()?.RawTarget ?? "";
        if (ArmPath.Parse(target.StartsWith('/') ? target : request.Path.Value ?? "") is not { } path)
        {
            return ArmErrors.BadRequest("The path is not valid: a segment is malformed, too long, or holds characters that are not allowed.");
        }

        var query = new ArmQuery(request.Query);
        if (await tenant.AnonymousAsync(request, path, query, cancellation) is { } open)
        {
            return open;
        }

        var admission = await access.AuthenticateAsync(request.Headers.Authorization, cancellation);
        if (admission.Principal is not { } caller)
        {
            return Refused(admission.Refusal!);
        }

        // A namespace itself is a thing of the resource manager; only what is in it has that namespace's versions.
        if (ApiVersions.Check(path.Tail.Count == 0 ? "" : path.Namespace, query.ApiVersion) is { } version)
        {
            return version;
        }

        var call = new ArmCall(request, path, query, caller);
        if (await tenant.RespondAsync(call, cancellation) is { } answered)
        {
            return answered;
        }

        if (await _operationEndpoints.RespondAsync(call, cancellation) is { } told)
        {
            return told;
        }

        if (path.Namespace.Length > 0
            && providers.FirstOrDefault(provider => string.Equals(provider.Namespace, path.Namespace, StringComparison.OrdinalIgnoreCase)) is { } provider)
        {
            return await provider.HandleAsync(call, cancellation);
        }

        var (address, unknown) = await addresses.ReadAsync(path, call.Method, cancellation);
        return address is null ? unknown! : await ActAsync(call, address, cancellation);
    }

    private async ValueTask<ArmResponse> ActAsync(ArmCall call, ResourceAddress address, CancellationToken cancellation)
    {
        if (Operation(call.Method, address) is not { } operation)
        {
            return ArmErrors.MethodNotAllowed(call.Method, address.Kind.Type);
        }

        var action = $"{address.Kind.ActionType}/{operation}";
        var plane = Action(address) is { } invoked && address.Kind.DataActions.Contains(invoked.Key) ? Plane.DataAction : Plane.Action;
        var visible = await VisibleAsync(call, address, action, cancellation);
        if (visible is null && await access.AuthorizeAsync(call.Caller, action, address.Id, cancellation, plane) is { } refusal)
        {
            return Refused(refusal);
        }

        var (parent, missing) = await FindParentAsync(address, cancellation);
        if (missing is not null)
        {
            return missing;
        }

        return call.Method switch
        {
            "GET" when address.IsCollection => await reads.ListAsync(call, address, parent, visible, cancellation),
            "GET" or "HEAD" => await _operationEndpoints.ResultAsync(call, address, cancellation) ?? await reads.GetAsync(call, address, cancellation),
            "PUT" or "PATCH" when address.Kind.IsLongRunning =>
                await operations.RunAsync(call, address, (detached, stopping) => writes.WriteAsync(detached, address, parent, stopping), cancellation),
            "DELETE" when address.Kind.IsLongRunning =>
                await operations.RunAsync(call, address, (detached, stopping) => writes.DeleteAsync(detached, address, stopping), cancellation),
            "PUT" or "PATCH" => await writes.WriteAsync(call, address, parent, cancellation),
            "DELETE" => await writes.DeleteAsync(call, address, cancellation),
            _ => await InvokeAsync(call, address, cancellation),
        };
    }

    /// <summary>
    /// Lists of a whole subscription or group show what the caller may read, as those of the resource manager do: who has a role on one
    /// service finds it by listing. Without any role in the scope the list is refused.
    /// </summary>
    /// <returns>Null when the list is one where all or nothing is seen.</returns>
    private async ValueTask<Func<ResourceRow, ValueTask<bool>>?> VisibleAsync(ArmCall call, ResourceAddress address, string action, CancellationToken cancellation) =>
        address.IsCollection && address.Kind.IsTracked && address.Ancestors.All(ancestor => ancestor.Kind.Type == AddressReader.GroupType)
        && !await access.PermitsAsync(call.Caller, action, address.Id, cancellation)
        && await access.ReachesAsync(call.Caller, address.Id, cancellation)
            ? row => access.PermitsAsync(call.Caller, action, row.Id, cancellation)
            : null;

    /// <returns>The last part of the RBAC action, or null when the kind does not do that.</returns>
    private static string? Operation(string method, ResourceAddress address)
    {
        var verbs = address.Kind.Verbs;
        return (method, address.IsCollection) switch
        {
            ("GET", true) when verbs.HasFlag(Verbs.List) => "read",
            ("GET" or "HEAD", false) when verbs.HasFlag(Verbs.Get) => "read",
            ("PUT", false) when verbs.HasFlag(Verbs.Put) => "write",
            ("PATCH", false) when verbs.HasFlag(Verbs.Patch) => "write",
            ("DELETE", false) when verbs.HasFlag(Verbs.Delete) => "delete",
            ("POST", false) when Action(address) is { } action => $"{action.Key}/action",
            _ => null,
        };
    }

    private static KeyValuePair<string, ResourceAction>? Action(ResourceAddress address)
    {
        foreach (var action in address.Kind.Actions)
        {
            if (string.Equals(action.Key, address.Action, StringComparison.OrdinalIgnoreCase))
            {
                return action;
            }
        }

        return null;
    }

    private async ValueTask<ArmResponse> InvokeAsync(ArmCall call, ResourceAddress address, CancellationToken cancellation)
    {
        if (await store.FindAsync(address.Id, cancellation) is not { } row)
        {
            return ArmErrors.NotFound(address.Id);
        }

        return await Action(address)!.Value.Value(new(call, row, ArmJson.ParseObject(row.Body)), cancellation);
    }

    /// <summary>The direct parent; when it is missing, the outermost missing ancestor decides the error.</summary>
    private async ValueTask<(ResourceRow? Parent, ArmError? Missing)> FindParentAsync(ResourceAddress address, CancellationToken cancellation)
    {
        if (address.Ancestors.Count == 0 || address.Ancestors[^1].Kind.IsPlace)
        {
            return default;
        }

        if (await store.FindAsync(address.Ancestors[^1].Id, cancellation) is { } parent)
        {
            return (parent, null);
        }

        foreach (var (kind, id) in address.Ancestors)
        {
            if (await store.FindAsync(id, cancellation) is null)
            {
                return (null, kind.Type == AddressReader.GroupType
                    ? new(404, "ResourceGroupNotFound", $"Resource group '{ResourceIds.NameOf(id)}' could not be found.", ResourceIds.NameOf(id))
                    : ArmErrors.NotFound(id));
            }
        }

        return (null, ArmErrors.NotFound(address.Ancestors[^1].Id));
    }

    private static ArmResponse Refused(AccessRefusal refusal)
    {
        ArmResponse response = new ArmError(refusal.Status, refusal.Code, refusal.Message, Diagnostic: refusal.Diagnostic);
        return refusal.Challenge is null ? response : response with { Headers = [new("WWW-Authenticate", refusal.Challenge)] };
    }
}

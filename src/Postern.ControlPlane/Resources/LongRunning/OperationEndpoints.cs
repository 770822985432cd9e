using Postern.ControlPlane.Access;

namespace Postern.ControlPlane.Resources.LongRunning;

/// <summary>Where clients ask how their operations stand. Who may read operation results of the service may, and who began one.</summary>
internal sealed class OperationEndpoints(LongRunningOperations operations, ArmReads reads, IManagementAccess access)
{
    private const string ReadAction = "Microsoft.ApiManagement/service/operationresults/read";

    /// <returns>Null when the path is not one of these.</returns>
    public async ValueTask<ArmResponse?> RespondAsync(ArmCall call, CancellationToken cancellation)
    {
        if (call.Method is not ("GET" or "HEAD") || !Is(call.Path.Namespace, "Microsoft.ApiManagement") || Address(call.Path.Tail) is not var (name, isResult))
        {
            return null;
        }

        if (await operations.FindAsync(name, cancellation) is not { } operation)
        {
            return ArmErrors.NotFound(call.Path.ToString());
        }

        if (operation.By != call.Caller.ObjectId
            && await access.AuthorizeAsync(call.Caller, ReadAction, References.ServiceOf(operation.ResourceId), cancellation) is { } refusal)
        {
            return new ArmError(refusal.Status, refusal.Code, refusal.Message, Diagnostic: refusal.Diagnostic);
        }

        return !isResult ? OperationAnswers.Status(call, operation)
            : operation.IsRunning ? OperationAnswers.Running($"{call.Origin}{call.Path}?api-version={OperationAnswers.Version(call)}")
            : operation.Error is { } error ? new ArmResponse(operation.Code ?? 500, error)
            : new ArmResponse(200);
    }

    /// <summary>The answer at the <c>Location</c> of an operation on a resource: the one that the call itself would have had.</summary>
    /// <returns>Null when the query names no operation on that resource.</returns>
    public async ValueTask<ArmResponse?> ResultAsync(ArmCall call, ResourceAddress address, CancellationToken cancellation)
    {
        if (call.Query["asyncId"] is not { } name || await operations.FindAsync(name, cancellation) is not { } operation
            || !string.Equals(operation.ResourceId, address.Id, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        if (operation.IsRunning)
        {
            return OperationAnswers.Running($"{call.Origin}{call.Request.Path}{call.Request.QueryString}");
        }

        if (operation.Error is { } error)
        {
            return new ArmResponse(operation.Code ?? 500, error);
        }

        return operation.Code is 200 or 201 ? await reads.GetAsync(call, address, cancellation) with { Status = operation.Code.Value } : new ArmResponse(operation.Code ?? 204);
    }

    private static (string Name, bool IsResult)? Address(IReadOnlyList<string> tail) => tail switch
    {
        ["locations" or "Locations", _, var kind, var name] when Is(kind, "operationStatuses") => (name, false),
        ["locations" or "Locations", _, var kind, var name] when Is(kind, "operationResults") => (name, true),
        [var service, _, var kind, var name] when Is(service, "service") && Is(kind, "operationResults") => (name, false),
        [var service, _, var tenant, var kind, var name] when Is(service, "service") && Is(tenant, "tenant") && Is(kind, "operationResults") => (name, false),
        _ => null,
    };

    private static bool Is(string segment, string literal) => string.Equals(segment, literal, StringComparison.OrdinalIgnoreCase);
}

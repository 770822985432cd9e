using System.Text.Json.Nodes;

namespace Postern.ControlPlane.Resources.LongRunning;

/// <summary>The forms in which the contract tells of an operation.</summary>
internal static class OperationAnswers
{
    /// <summary>Seconds. Clients that are told nothing wait half a minute.</summary>
    private const string RetryAfter = "1";

    /// <summary>202: the result will be at <c>Location</c>, the status is at <c>Azure-AsyncOperation</c>.</summary>
    public static ArmResponse Accepted(ArmCall call, ResourceAddress address, StoredOperation operation)
    {
        var service = References.ServiceOf(address.Id);
        var status = address.Ancestors is [{ Kind.IsPlace: true, Id: var place }] ? $"{place}/operationStatuses"
            : service.Length == address.Id.Length ? $"{service}/operationresults"
            : $"{service}/tenant/operationResults";
        var code = call.Method switch { "PUT" => 201, "PATCH" => 200, _ => 204 };
        var accepted = Running($"{call.Origin}{Escaped(address.Id)}?api-version={Version(call)}&asyncId={operation.Name}&asyncCode={code}");
        return accepted with { Headers = [.. accepted.Headers, new("Azure-AsyncOperation", $"{call.Origin}{Escaped(status)}/{operation.Name}?api-version={Version(call)}")] };
    }

    /// <summary>202 without a body.</summary>
    public static ArmResponse Running(string location) => new(202) { Headers = [new("Location", location), new("Retry-After", RetryAfter)] };

    /// <summary>The status form: 200, whatever became of the operation.</summary>
    public static ArmResponse Status(ArmCall call, StoredOperation operation)
    {
        var body = new JsonObject
        {
            ["id"] = call.Path.ToString(),
            ["name"] = operation.Name,
            ["status"] = operation.Status,
            ["startTime"] = ArmEnvelope.Time(operation.Started),
            ["percentComplete"] = operation.IsRunning ? 0 : 100,
            ["resourceId"] = operation.ResourceId,
        };
        if (operation.Ended is { } ended)
        {
            body["endTime"] = ArmEnvelope.Time(ended);
        }

        if (operation.Error?["error"] is { } error)
        {
            body["error"] = error.DeepClone();
        }

        return operation.IsRunning ? ArmResponse.Ok(body) with { Headers = [new("Retry-After", RetryAfter)] } : ArmResponse.Ok(body);
    }

    public static string Version(ArmCall call) => Uri.EscapeDataString(call.Query.ApiVersion!);

    private static string Escaped(string id) => string.Join('/', id.Split('/').Select(Uri.EscapeDataString));
}

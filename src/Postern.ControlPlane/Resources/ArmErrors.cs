namespace Postern.ControlPlane.Resources;

/// <summary>The refusals that more than one kind uses.</summary>
internal static class ArmErrors
{
    public static ArmError Validation(IReadOnlyList<ArmErrorDetail> details) =>
        new(400, "ValidationError", "One or more fields contain incorrect values:", Details: details, Diagnostic: ControlPlaneDiagnostics.Validation);

    public static ArmError Validation(string target, string message) => Validation([new("ValidationError", target, message)]);

    public static ArmError BadRequest(string message, string? target = null) => new(400, "BadRequest", message, target);

    public static ArmError NotFound(string id) =>
        new(404, "ResourceNotFound", $"The resource '{id}' was not found.", id);

    public static ArmError UnknownType(string type) =>
        new(404, "InvalidResourceType", $"The resource type '{type}' could not be found.", type, Diagnostic: ControlPlaneDiagnostics.UnknownType);

    public static ArmError MethodNotAllowed(string method, string type) =>
        new(405, "MethodNotAllowed", $"The method {method} is not supported on the resource type '{type}'.", type);

    public static ArmError Conflict(string message) => new(409, "Conflict", message);

    public static ArmError Exists(string id) => new(
        412, "PreconditionFailed", $"'{id}' exists, and If-None-Match allows it to be created only.", id, Diagnostic: ControlPlaneDiagnostics.PreconditionFailed);

    public static ArmError PreconditionFailed(string id) => new(
        412, "PreconditionFailed", $"The If-Match header does not match the current ETag of '{id}': it was changed since it was read.", id, Diagnostic: ControlPlaneDiagnostics.PreconditionFailed);
}

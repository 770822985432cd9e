namespace Postern.Portal.Management;

/// <summary>Whether a principal may have a gateway's configuration, as the control plane decides it at this moment, and why.</summary>
public sealed record AccessContract(string Id, string Name, AccessPropertiesContract Properties);

/// <param name="ApplicationId">Known only of those that asked lately.</param>
/// <param name="Diagnostic">Id of what fails; null when allowed.</param>
/// <param name="Steps">In their order, up to the first that failed.</param>
public sealed record AccessPropertiesContract(
    string PrincipalId,
    string? ApplicationId,
    string? DataAction,
    string? Scope,
    bool Allowed,
    string? Diagnostic,
    string? Explanation,
    string? Cure,
    IReadOnlyList<AccessStepContract>? Steps);

/// <param name="Step"><c>Identity</c>, <c>RoleData</c> or <c>DataAction</c>.</param>
public sealed record AccessStepContract(string Step, bool Passed, string? Message, string? Diagnostic);

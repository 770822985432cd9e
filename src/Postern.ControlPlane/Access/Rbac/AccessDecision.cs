namespace Postern.ControlPlane.Access.Rbac;

/// <summary>The step at which a decision fell.</summary>
internal enum AccessStep
{
    /// <summary>A role assignment grants it.</summary>
    Granted,

    /// <summary>A deny assignment forbids it, whatever roles say.</summary>
    Denied,

    /// <summary>The caller has no role assignment at all at or above the scope.</summary>
    NoAssignment,

    /// <summary>A role that has the action is assigned, but at a scope that does not include the one asked about.</summary>
    AssignedElsewhere,

    /// <summary>The roles assigned there do not have the action.</summary>
    NotInRoles,

    /// <summary>A role assigned there takes the action out again with its NotActions or NotDataActions.</summary>
    Excluded,

    /// <summary>A role assigned there matches it, but among its actions where a data action is wanted, or the other way round.</summary>
    OtherPlane,

    /// <summary>The assignment that would grant it has a condition that does not hold, or that is not understood here.</summary>
    ConditionNotMet,

    /// <summary>An assignment names a role definition that does not exist.</summary>
    RoleMissing,
}

/// <param name="Assignment">The assignment that granted, or that came nearest.</param>
/// <param name="Role">Its role.</param>
/// <param name="Deny">With <see cref="AccessStep.Denied"/>.</param>
/// <param name="Pattern">The pattern that decided.</param>
internal sealed record AccessDecision(
    AccessQuestion Question,
    AccessStep Step,
    RoleAssignment? Assignment = null,
    RoleDefinition? Role = null,
    DenyAssignment? Deny = null,
    string? Pattern = null)
{
    public bool Allowed => Step == AccessStep.Granted;

    private string Kind => Question.Plane == Plane.Action ? "action" : "data action";

    /// <summary>One sentence, for the person who has to mend it.</summary>
    public string Explanation => Step switch
    {
        AccessStep.Granted =>
            $"Principal '{Question.PrincipalId}' may perform {Kind} '{Question.Operation}' over scope '{Question.Scope}': role '{Role!.RoleName}' "
            + $"is assigned {Through()}at scope '{Assignment!.Scope}' ('{Assignment.Id}').",
        AccessStep.Denied =>
            $"Deny assignment '{Deny!.DisplayName}' ('{Deny.Id}') at scope '{Deny.Scope}' forbids {Kind} '{Question.Operation}' "
            + $"to principal '{Question.PrincipalId}' over scope '{Question.Scope}'.",
        _ => $"Principal '{Question.PrincipalId}' has no role with {Kind} '{Question.Operation}' at or above scope '{Question.Scope}'{Hint()}.",
    };

    private string Through() =>
        string.Equals(Assignment!.PrincipalId, Question.PrincipalId, StringComparison.OrdinalIgnoreCase)
            ? ""
            : $"to its group '{Assignment.PrincipalId}' ";

    private string Hint() => Step switch
    {
        AccessStep.AssignedElsewhere => $": role '{Role!.RoleName}' has it, but is assigned at '{Assignment!.Scope}', which does not include that scope",
        AccessStep.NotInRoles => $": role '{Role!.RoleName}', assigned at '{Assignment!.Scope}', does not have it",
        AccessStep.Excluded =>
            $": role '{Role!.RoleName}', assigned at '{Assignment!.Scope}', takes it out with "
            + $"'{Pattern}' in its {(Question.Plane == Plane.Action ? "NotActions" : "NotDataActions")}",
        AccessStep.OtherPlane =>
            $": role '{Role!.RoleName}', assigned at '{Assignment!.Scope}', has '{Pattern}' among its "
            + (Question.Plane == Plane.Action ? "DataActions, which give no action" : "Actions, which give no data action"),
        AccessStep.ConditionNotMet => $": the condition of assignment '{Assignment!.Id}' of role '{Role!.RoleName}' is not met",
        AccessStep.RoleMissing => $": assignment '{Assignment!.Id}' names role definition '{Assignment.RoleName}', which does not exist",
        _ => "",
    };
}

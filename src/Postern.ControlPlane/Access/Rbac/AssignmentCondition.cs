namespace Postern.ControlPlane.Access.Rbac;

/// <summary>
/// Conditions of role assignments. They can come only from a remote role source, because assignments with one are refused here when
/// they are written; what isn't understood does not hold, so that a condition never gives more than its absence.
/// </summary>
internal static class AssignmentCondition
{
    public static bool Holds(string condition) => string.IsNullOrWhiteSpace(condition);
}

using Postern.ControlPlane.Access.Rbac;

namespace Postern.ControlPlane.Access;

/// <summary>Who may call the management API, and do what. Both questions are asked before anything is read or written.</summary>
internal interface IManagementAccess
{
    /// <param name="authorization">Value of the <c>Authorization</c> header; null or empty when there is none.</param>
    /// <returns>The principal of a valid bearer token for the management audience, else a 401 (503 when the authority can't be reached).</returns>
    ValueTask<Admission> AuthenticateAsync(string? authorization, CancellationToken cancellation);

    /// <param name="action">Management action such as <c>Microsoft.ApiManagement/service/apis/write</c>.</param>
    /// <param name="scope">ARM id that the action is performed on, in any casing; <c>/</c> for the tenant.</param>
    /// <param name="plane">Whether roles must grant it as an action or as a data action.</param>
    /// <returns>Null when permitted, else the 403.</returns>
    ValueTask<AccessRefusal?> AuthorizeAsync(Principal principal, string action, string scope, CancellationToken cancellation, Plane plane = Plane.Action);

    /// <summary>The same question where a no is no refusal, such as for each item of a list: nothing is logged.</summary>
    ValueTask<bool> PermitsAsync(Principal principal, string action, string scope, CancellationToken cancellation);

    /// <summary>True when the principal has any role at, above or below a scope, so that it may know that the scope exists.</summary>
    ValueTask<bool> ReachesAsync(Principal principal, string scope, CancellationToken cancellation);
}

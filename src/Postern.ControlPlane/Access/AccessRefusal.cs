namespace Postern.ControlPlane.Access;

/// <summary>A caller is turned away. A value, not an exception: refusals are part of normal life.</summary>
/// <param name="Status">401 when the caller isn't known, 403 when known and not permitted; 503 when that can't be found out.</param>
/// <param name="Code">ARM error code, such as <c>AuthorizationFailed</c>.</param>
/// <param name="Message">For the caller to read; never holds a token, key or signature.</param>
/// <param name="Diagnostic">Id in <see cref="AccessDiagnostics"/>.</param>
/// <param name="Challenge">Value of <c>WWW-Authenticate</c>; given with every 401.</param>
internal sealed record AccessRefusal(int Status, string Code, string Message, string Diagnostic, string? Challenge = null);

/// <summary>Either who the caller is, or why that could not be established.</summary>
internal readonly record struct Admission(Principal? Principal, AccessRefusal? Refusal)
{
    public static implicit operator Admission(Principal principal) => new(principal, null);

    public static implicit operator Admission(AccessRefusal refusal) => new(null, refusal);
}

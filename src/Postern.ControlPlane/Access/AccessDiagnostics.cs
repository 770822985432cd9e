using Postern.Hosting;

namespace Postern.ControlPlane.Access;

/// <summary>Every way in which access is refused. Ids are stable; docs/diagnostics.md is generated from this list.</summary>
public static class AccessDiagnostics
{
    internal const string NoCredentials = "A401";
    internal const string AuthorizationFailed = "A430";

    public static IReadOnlyList<DiagnosticEntry> All { get; } =
    [
        new(NoCredentials, "No credentials", "The call has no Authorization header.",
            "Send a bearer token, or at the configuration API a gateway token."),
        new(AuthorizationFailed, "Not permitted", "The caller is known, but no role assignment permits the action at the scope.",
            "Assign a role that has the action at or above the scope named in the message."),
    ];
}

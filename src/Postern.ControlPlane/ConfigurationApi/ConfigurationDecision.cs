using System.Collections.Immutable;
using Postern.ControlPlane.Access;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>The links of the chain, in their order.</summary>
internal enum ConfigurationStep
{
    /// <summary>The service has a system-assigned identity.</summary>
    Identity,

    /// <summary>That identity may read role data.</summary>
    RoleData,

    /// <summary>The principal may perform the data action.</summary>
    DataAction,
}

/// <param name="Diagnostic">Null when passed.</param>
internal sealed record ExplainedStep(ConfigurationStep Step, string Message, string? Diagnostic);

/// <summary>A decision with its reasons: every step up to the first that failed.</summary>
/// <param name="Scope">ARM id of the gateway resource.</param>
/// <param name="Unavailable">The failed step could not be looked at: that is no refusal.</param>
internal sealed record ConfigurationDecision(string PrincipalId, string Scope, bool Unavailable = false)
{
    public ImmutableArray<ExplainedStep> Steps { get; private init; } = [];

    public bool Allowed => Steps is [.., { Step: ConfigurationStep.DataAction, Diagnostic: null }];

    public ExplainedStep? Failed => Steps is [.., { Diagnostic: not null } last] ? last : null;

    public ConfigurationDecision Passes(ConfigurationStep step, string message) => this with { Steps = Steps.Add(new(step, message, null)) };

    public ConfigurationDecision Fails(ConfigurationStep step, string diagnostic, string message, bool unavailable = false) =>
        this with { Steps = Steps.Add(new(step, message, diagnostic)), Unavailable = unavailable };

    /// <param name="clientName">How the message names the caller.</param>
    /// <returns>Null when allowed.</returns>
    public AccessRefusal? ToRefusal(string clientName) =>
        Failed is not { } failed ? null
        : Unavailable ? new(503, "RoleDataUnavailable",
            $"It can't be found out whether principal '{PrincipalId}' may perform data action '{ConfigurationRights.DataAction}' over scope '{Scope}'. {failed.Message}",
            failed.Diagnostic!)
        : new(403, "AuthorizationFailed",
            $"The client '{clientName}' with object id '{PrincipalId}' does not have authorization to perform data action '{ConfigurationRights.DataAction}' "
            + $"over scope '{Scope}'. {failed.Message}",
            failed.Diagnostic!);
}

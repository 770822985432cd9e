using Microsoft.Extensions.Logging;
using Postern.Hosting.Tls;

namespace Postern.ControlPlane.Access;

/// <summary>What access control is set up with.</summary>
internal sealed record AccessOptions
{
    /// <summary>Base address of the token service; ends with a slash.</summary>
    public required Uri Authority { get; init; }

    public required string TenantId { get; init; }

    public required string SubscriptionId { get; init; }

    /// <summary>Object ids that get the Owner role on the subscription at every start.</summary>
    public IReadOnlyList<string> Owners { get; init; } = [];

    /// <summary>Audiences of management tokens beside this server's address and the public ones.</summary>
    public IReadOnlyList<string> ExtraAudiences { get; init; } = [];

    /// <summary>How to trust the authority's server certificate.</summary>
    public required TrustedRoots Roots { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILoggerFactory Logging { get; init; }
}

using Microsoft.Extensions.Logging;
using Postern.Hosting;
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

    /// <summary>With what the directory is asked for group membership; null when there is nobody to ask.</summary>
    public ClientCredential? Directory { get; init; }

    /// <summary>Remote Azure Resource Manager whose role data decides who may read configurations; null for this control plane's own.</summary>
    public Uri? RoleSource { get; init; }

    /// <summary>Audience of the tokens that are sent there.</summary>
    public string RoleSourceAudience { get; init; } = "https://management.azure.com/";

    /// <summary>How to trust the authority's server certificate.</summary>
    public required TrustedRoots Roots { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILoggerFactory Logging { get; init; }
}

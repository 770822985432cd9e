using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.ControlPlane.Store;
using Postern.Hosting;
using Postern.Hosting.Tls;

namespace Postern.ControlPlane;

/// <summary>Everything a control plane is started with.</summary>
public sealed record ControlPlaneOptions
{
    public required StoreOptions Store { get; init; }

    /// <summary>File with the key that encrypts secrets at rest; made with mode 0600 when absent. Never inside the database.</summary>
    public required string KeyFile { get; init; }

    public required ListenAddress Listen { get; init; }

    public required X509Certificate2 ServerCertificate { get; init; }

    public TrustedRoots Roots { get; init; } = TrustedRoots.System;

    /// <summary>Base address of the token service, such as <c>https://login.microsoftonline.com/</c>.</summary>
    public required Uri Authority { get; init; }

    public required string TenantId { get; init; }

    /// <summary>The Azure subscription that this control plane serves; a GUID.</summary>
    public required string SubscriptionId { get; init; }

    /// <summary>Object ids that are given the Owner role on the subscription at every start.</summary>
    public IReadOnlyList<string> Owners { get; init; } = [];

    /// <summary>With what the control plane calls the authority's Graph; null when it must not (services then get no identity).</summary>
    public ClientCredential? Directory { get; init; }

    /// <summary>
    /// Setting <c>rbac.source</c>: a remote Azure Resource Manager whose role data decides who may read gateways' configurations. Null: this
    /// control plane's own. Needs <see cref="Directory"/>, for it is read as the service's managed identity.
    /// </summary>
    public Uri? RoleSource { get; init; }

    /// <summary>Token audiences accepted beside the address of this server and the public ones of Azure Resource Manager.</summary>
    public IReadOnlyList<string> ExtraAudiences { get; init; } = [];

    /// <summary>Lets API definitions and policies be fetched from links into private networks, also from this machine.</summary>
    public bool AllowPrivateLinks { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILoggerFactory Logging { get; init; } = NullLoggerFactory.Instance;
}

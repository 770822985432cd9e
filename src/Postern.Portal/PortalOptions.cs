using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Hosting;
using Postern.Hosting.Tls;

namespace Postern.Portal;

/// <summary>What a portal needs. It shows one service, and acts as <see cref="Operator"/> at the management API.</summary>
public sealed record PortalOptions
{
    public ListenAddress Listen { get; init; } = ListenAddress.Loopback();

    public required X509Certificate2 ServerCertificate { get; init; }

    /// <summary>Trusted when calling the authority and the management API.</summary>
    public TrustedRoots Roots { get; init; } = TrustedRoots.System;

    /// <summary>Where ARM paths are served, <c>https</c> only: the operator's token goes there.</summary>
    public required Uri ManagementEndpoint { get; init; }

    /// <summary>What new gateways are told to connect to; the management endpoint when not given.</summary>
    public Uri? ConfigurationEndpoint { get; init; }

    /// <summary>Entra or an authority like it, <c>https</c> only: the operator's secret goes there.</summary>
    public required Uri Authority { get; init; }

    public required string TenantId { get; init; }

    public required ClientCredential Operator { get; init; }

    /// <summary>Scope that the operator's token is asked for.</summary>
    public string ManagementScope { get; init; } = "https://management.azure.com/.default";

    public required string SubscriptionId { get; init; }

    public required string ResourceGroup { get; init; }

    public required string ServiceName { get; init; }

    /// <summary>
    /// Signs people in for as long as this portal runs; at least <see cref="MinimumAccessCodeLength"/> characters. Made at start when
    /// not given; <see cref="PortalServer.SignInAddress"/> carries it.
    /// </summary>
    public string? AccessCode { get; init; }

    public const int MinimumAccessCodeLength = 16;

    /// <summary>Host name in the portal's own address. Requests for any other host than this and loopback are refused.</summary>
    public string PublicHost { get; init; } = "localhost";

    /// <summary>How often an open page looks for news; whole seconds, at least 1.</summary>
    public TimeSpan Refresh { get; init; } = TimeSpan.FromSeconds(3);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILoggerFactory Logging { get; init; } = NullLoggerFactory.Instance;

    /// <exception cref="ArgumentException">A value that the portal cannot run with; the message names it.</exception>
    internal void Check()
    {
        RequireHttps(ManagementEndpoint, nameof(ManagementEndpoint));
        RequireHttps(Authority, nameof(Authority));
        if (AccessCode is { Length: < MinimumAccessCodeLength })
        {
            throw new ArgumentException($"{nameof(AccessCode)} needs at least {MinimumAccessCodeLength} characters.");
        }
    }

    private static void RequireHttps(Uri address, string name)
    {
        if (!address.IsAbsoluteUri || address.Scheme != Uri.UriSchemeHttps)
        {
            throw new ArgumentException($"{name} must be an https address, not '{address}'.");
        }
    }
}

namespace Postern.Policies.Runtime;

/// <summary>What the requests of one gateway share. Made once, beside the rate counters; survives configuration changes.</summary>
/// <param name="http">Sends the requests that policies make on their own account; null when they may make none.</param>
/// <param name="cache">The cache in this process; null when it is off, as it is unless asked for.</param>
public sealed class PolicyResources(IPolicyHttpClient? http, IPolicyCache? cache)
{
    /// <summary>Why a policy that needs an identity fails without <see cref="IdentityTokens"/>.</summary>
    internal const string NoIdentity = "The gateway has no identity of its own: it signs in with a gateway token. With config.service.auth set to azureAdApp or "
        + "workloadIdentity it acts as that application.";

    public IPolicyHttpClient? Http => http;

    public IPolicyCache? Cache => cache;

    /// <summary>Tokens of the gateway's own identity; null when it has none.</summary>
    public IIdentityTokens? IdentityTokens { get; init; }

    /// <summary>Counters of quota and quota-by-key.</summary>
    public QuotaCounters Quotas { get; } = new();

    internal Caching.CacheFlights Flights { get; } = new();

    internal ConcurrencySlots Slots { get; } = new();

    internal Tokens.OpenIdConfigurations OpenId { get; } = new();

    internal Events.EventQueue Events { get; } = new();
}

/// <summary>The seam for requests that policies send: send-request, OpenID configuration, Dapr.</summary>
public interface IPolicyHttpClient
{
    /// <summary>Sends and reads the whole response into <paramref name="response"/>. Redirects are not followed.</summary>
    /// <exception cref="HttpRequestException">No connection, or it broke.</exception>
    /// <exception cref="MessageBodyTooLargeException">The body is longer than <see cref="OutgoingRequest.LongestAnswer"/>.</exception>
    ValueTask SendAsync(OutgoingRequest request, PolicyResponse response, CancellationToken cancellation);
}

/// <param name="Proxy">Null for a direct connection.</param>
/// <param name="Certificate">Client certificate; null for none.</param>
public sealed record OutgoingRequest(
    Uri Address,
    PolicyRequest Message,
    OutgoingProxy? Proxy = null,
    System.Security.Cryptography.X509Certificates.X509Certificate2? Certificate = null)
{
    /// <summary>Bytes that the answer's body may have; a longer one is not read to its end.</summary>
    public int LongestAnswer { get; init; } = MessageBody.BufferLimit;
}

public sealed record OutgoingProxy(Uri Address, string? UserName, string? Password);

/// <summary>Tokens that the gateway gets for itself.</summary>
public interface IIdentityTokens
{
    /// <param name="clientId">A user-assigned identity; null for the gateway's own.</param>
    ValueTask<string> GetAsync(string resource, string? clientId, CancellationToken cancellation);
}

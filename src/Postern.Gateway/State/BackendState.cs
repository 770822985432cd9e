using System.Security.Cryptography.X509Certificates;
using Postern.Gateway.Backends;
using Postern.Gateway.Forwarding;
using Postern.Policies.Expressions;
using Postern.Policies.Runtime;
using Postern.Snapshots;

namespace Postern.Gateway.State;

/// <summary>
/// A backend entity: an address and what is added to each request to it, or a pool of others. It outlives changes of the configuration that
/// leave it as it is, and with it what its circuit breaker has counted.
/// </summary>
internal sealed class BackendState : IBackend
{
    /// <exception cref="FormatException">The address is none.</exception>
    public BackendState(BackendSnapshot snapshot, CircuitSignals signals)
    {
        Snapshot = snapshot;
        Address = snapshot.Pool is null ? ServiceUri.Parse(snapshot.Url) : null;
        Headers = ReadHeaders(snapshot);
        Query = string.Join('&', snapshot.Query.SelectMany(pair =>
            pair.Value.Select(value => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(value)}")));
        Proxy = snapshot.Proxy is { } proxy ? new(ProxyAddress(proxy.Url), proxy.UserName, proxy.Password) : null;
        Pins = snapshot.Pins is { } pins ? new(pins, signals.Time) : null;
        Breaker = snapshot.CircuitRules is { Count: > 0 } rules ? new(snapshot.Id, rules, signals) : null;
    }

    public string Id => Snapshot.Id;

    public BackendSnapshot Snapshot { get; }

    /// <summary>Null for a pool.</summary>
    public Uri? Address { get; }

    /// <summary>Headers with credentials; they replace the caller's of the same name.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; }

    /// <summary>Escaped pairs joined with <c>&amp;</c>; empty when there are none.</summary>
    public string Query { get; }

    /// <summary>Null for the gateway's own way out.</summary>
    public OutgoingProxy? Proxy { get; }

    /// <summary>Null when any trusted certificate will do.</summary>
    public ServerCertificatePins? Pins { get; }

    /// <summary>Shown to the backend when no policy shows another; null for none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>Secure connections to it are made otherwise than to others of the same host.</summary>
    public bool HasOwnTls => Pins is not null || ClientCertificate is not null || Snapshot is not { ValidateCertificateChain: true, ValidateCertificateName: true };

    /// <summary>Null when none is configured.</summary>
    public CircuitBreaker? Breaker { get; }

    /// <summary>Set for a pool, once its members are known.</summary>
    public BackendPool? Pool { get; init; }

    public bool IsAvailable => Breaker is not { IsOpen: true };

    /// <summary>The address taken apart; only for a single backend.</summary>
    public BackendEndpoint Endpoint => field ??= new(Address!, this);

    string IBackend.AzureRegion => Snapshot.AzureRegion ?? "";

    BackendType IBackend.Type => Snapshot.Pool is null ? BackendType.Single : BackendType.Pool;

    private static Uri ProxyAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == "http"
        ? address
        : throw new FormatException($"The proxy's address '{text}' is not of the form http://host:port.");

    private static List<KeyValuePair<string, string>> ReadHeaders(BackendSnapshot snapshot)
    {
        var headers = snapshot.Headers.Select(pair => new KeyValuePair<string, string>(pair.Key, string.Join(",", pair.Value))).ToList();
        if (snapshot.AuthorizationScheme is { Length: > 0 } scheme)
        {
            headers.RemoveAll(pair => pair.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase));
            headers.Add(new("Authorization", $"{scheme} {snapshot.AuthorizationParameter}".TrimEnd()));
        }

        return headers;
    }
}

using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Postern.Gateway.Settings;
using Postern.Hosting.Tls;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Loading;

/// <summary>
/// Tokens for what policies call. A self-hosted gateway has no managed identity of its own; it acts as the Entra application that it signs in
/// with for its configuration. With a gateway token there is no such application, and this object does not exist.
/// </summary>
internal sealed class GatewayIdentityTokens : IIdentityTokens, IDisposable
{
    /// <summary>Resources whose tokens are kept and renewed. Policies name few; expressions could name endlessly many.</summary>
    private const int MostResources = 64;

    /// <summary>How long a refusal is passed on without asking the authority again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Lazy<EntraCredential>> _credentials = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (DateTimeOffset Until, string Reason)> _refused = new(StringComparer.Ordinal);
    private readonly Func<string, EntraCredential> _create;
    private readonly string _clientId;
    private readonly TimeProvider _time;

    private GatewayIdentityTokens(string clientId, Func<string, EntraCredential> create, TimeProvider time)
    {
        _clientId = clientId;
        _create = create;
        _time = time;
    }

    /// <returns>Null when the gateway signs in with a gateway token.</returns>
    public static GatewayIdentityTokens? Create(ConfigurationAuth auth, TrustedRoots roots, TimeProvider time, ILogger logger)
    {
        GatewayIdentityTokens Of(string clientId, Func<string, ConfigurationAuth> forResource) =>
            new(clientId, resource => EntraCredential.Create(forResource(resource), roots, time, logger), time);
        return auth switch
        {
            ConfigurationAuth.ClientSecret app => Of(app.ClientId, resource => app with { Audience = resource }),
            ConfigurationAuth.ClientCertificate app => Of(app.ClientId, resource => app with { Audience = resource }),
            ConfigurationAuth.WorkloadIdentity app => Of(app.ClientId, resource => app with { Audience = resource }),
            _ => null,
        };
    }

    public async ValueTask<string> GetAsync(string resource, string? clientId, CancellationToken cancellation)
    {
        if (clientId is { Length: > 0 } && !clientId.Equals(_clientId, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException($"The gateway can't act as '{clientId}': it signs in as '{_clientId}'.");
        }

        if (_refused.TryGetValue(resource, out var refusal) && _time.GetUtcNow() < refusal.Until)
        {
            throw new InvalidOperationException(refusal.Reason);
        }

        if (!_credentials.TryGetValue(resource, out var credential))
        {
            if (_credentials.Count >= MostResources)
            {
                throw new InvalidOperationException($"The gateway holds tokens for {MostResources} resources already.");
            }

            credential = _credentials.GetOrAdd(resource, static (resource, create) => new(() => create(resource)), _create);
        }

        try
        {
            var authorization = await credential.Value.GetAuthorizationAsync(cancellation);
            _refused.TryRemove(resource, out _);
            return authorization["Bearer ".Length..];
        }
        catch (ConfigurationUnavailableException unavailable)
        {
            _refused[resource] = (_time.GetUtcNow() + Pause, unavailable.Message);
            if (_credentials.TryRemove(resource, out var useless))
            {
                // A resource that was never served must not take a place; one that was served comes back with the next call.
                useless.Value.Dispose();
            }

            throw new InvalidOperationException(unavailable.Message, unavailable);
        }
    }

    public void Dispose()
    {
        foreach (var (_, credential) in _credentials)
        {
            if (credential.IsValueCreated)
            {
                credential.Value.Dispose();
            }
        }
    }
}

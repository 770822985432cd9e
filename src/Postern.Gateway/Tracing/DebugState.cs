using Postern.Gateway.State;
using Postern.Snapshots;

namespace Postern.Gateway.Tracing;

/// <summary>What tracing needs of a configuration.</summary>
/// <param name="signingKey">What debug tokens must be signed with; null when there is no key: no token is good then.</param>
internal sealed class DebugState(string? signingKey, EntitySet entities)
{
    private IReadOnlyList<string>? _secrets;

    public string? SigningKey => signingKey;

    /// <summary>Texts of the configuration that no trace may show. Collected when a request is first traced.</summary>
    public IReadOnlyList<string> Secrets => _secrets ??=
    [
        .. entities.Of<NamedValueSnapshot>().Where(value => value.Secret).Select(value => value.Value),
        .. entities.Of<LoggerSnapshot>().SelectMany(logger => logger.Credentials.Values),
        .. entities.Of<CacheSnapshot>().Select(cache => cache.ConnectionString),
        .. entities.Of<BackendSnapshot>().SelectMany(CredentialsOf),
        .. signingKey is null ? (IEnumerable<string>)[] : [signingKey],
    ];

    private static IEnumerable<string> CredentialsOf(BackendSnapshot backend) =>
        backend.Headers.Values.Concat(backend.Query.Values).SelectMany(values => values)
            .Concat([backend.AuthorizationParameter ?? "", backend.Proxy?.Password ?? ""]);
}

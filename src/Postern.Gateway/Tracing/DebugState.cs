using System.Collections.Frozen;
using Postern.Gateway.State;
using Postern.Snapshots;

namespace Postern.Gateway.Tracing;

/// <summary>What tracing needs of a configuration. What must not be shown is collected when a request is first traced.</summary>
/// <param name="signingKey">What debug tokens must be signed with; null when there is no key: no token is good then.</param>
internal sealed class DebugState(string? signingKey, EntitySet entities)
{
    public string? SigningKey => signingKey;

    /// <summary>Secret texts of the configuration in all their forms, longest first.</summary>
    public IReadOnlyList<string> Secrets => field ??=
    [
        .. entities.Of<NamedValueSnapshot>().Where(value => value.Secret).Select(value => value.Value)
            .Concat(entities.Of<LoggerSnapshot>().SelectMany(logger => logger.Credentials.Values))
            .Concat(entities.Of<CacheSnapshot>().Select(cache => cache.ConnectionString))
            .Concat(entities.Of<BackendSnapshot>().SelectMany(CredentialsOf))
            .Append(signingKey ?? "")
            .SelectMany(TraceMask.FormsOf)
            .Distinct(StringComparer.Ordinal)
            .OrderByDescending(text => text.Length),
    ];

    /// <summary>Headers in which callers send keys and the gateway sends backends' credentials.</summary>
    public FrozenSet<string> SecretHeaders => field ??= entities.Of<ApiSnapshot>().Select(api => api.KeyHeader)
        .Concat(entities.Of<BackendSnapshot>().SelectMany(backend => backend.Headers.Keys)).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The same of query parameters.</summary>
    public FrozenSet<string> SecretParameters => field ??= entities.Of<ApiSnapshot>().Select(api => api.KeyQuery)
        .Concat(entities.Of<BackendSnapshot>().SelectMany(backend => backend.Query.Keys)).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<string> CredentialsOf(BackendSnapshot backend) =>
        backend.Headers.Values.Concat(backend.Query.Values).SelectMany(values => values)
            .Concat([backend.AuthorizationParameter ?? "", backend.Proxy?.Password ?? ""]);
}

using System.Security.Authentication;

namespace Postern.Snapshots.Redis;

/// <summary>Where a Redis is and how to log in; read by <see cref="RedisConnectionString"/>.</summary>
/// <param name="Endpoints">Tried in this order; at least one.</param>
/// <param name="TlsHost">Name that the server's certificate must carry; the endpoint's own when null.</param>
/// <param name="ConnectTimeout">For one attempt, from name resolution to the last answer of the login.</param>
public sealed record RedisOptions(
    IReadOnlyList<RedisEndpoint> Endpoints, string? User, string? Password, bool Tls, string? TlsHost, SslProtocols Protocols, TimeSpan ConnectTimeout, int Database, string? ClientName)
{
    /// <summary>Holds a secret.</summary>
    public override string ToString() => string.Join(", ", Endpoints);
}

public sealed record RedisEndpoint(string Host, int Port)
{
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}

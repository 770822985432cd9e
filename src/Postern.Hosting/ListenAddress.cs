using System.Net;

namespace Postern.Hosting;

/// <summary>Where a role listens. Port 0 takes a free one; the running role tells which.</summary>
public sealed record ListenAddress(IPAddress Address, int Port)
{
    public static ListenAddress Loopback(int port = 0) => new(IPAddress.Loopback, port);

    public static ListenAddress Any(int port) => new(IPAddress.Any, port);
}

/// <summary>A port that a role needs is taken or may not be used.</summary>
public sealed class ListenException(string role, int port, Exception inner)
    : IOException($"Port {port} for the {role} cannot be used: {inner.Message}. Choose another with --ports {role}=<port>.", inner)
{
    public int Port { get; } = port;
}

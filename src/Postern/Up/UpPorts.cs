using Postern.Hosting;

namespace Postern.Up;

/// <summary>Ports of <c>postern up</c>, all on the loopback address. 0 takes a free one.</summary>
internal sealed record UpPorts(int GatewayHttp, int GatewayHttps, int ControlPlane, int Authority, int Portal, int Backend)
{
    public static UpPorts Default { get; } = new(8080, 8081, 8443, 8444, 8445, 8446);

    /// <summary>What <c>--ports</c> takes, for the help text.</summary>
    public const string Names = "gateway-http, gateway-https, control-plane, authority, portal, backend";

    /// <summary>Reads <c>name=port</c> pairs, separated by commas or given one by one; <c>free</c> alone stands for 0 everywhere.</summary>
    /// <exception cref="FormatException">An unknown name or a port outside 0–65535; the message says which.</exception>
    public static UpPorts Parse(IEnumerable<string> arguments)
    {
        var ports = Default;
        foreach (var pair in arguments.SelectMany(argument => argument.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            if (pair == "free")
            {
                ports = new(0, 0, 0, 0, 0, 0);
                continue;
            }

            var parts = pair.Split('=', 2);
            if (parts.Length != 2 || !ushort.TryParse(parts[1], out var port))
            {
                throw new FormatException($"'{pair}' is not name=port. Names: {Names}. Ports: 0 to 65535, 0 takes a free one.");
            }

            ports = parts[0] switch
            {
                "gateway-http" => ports with { GatewayHttp = port },
                "gateway-https" => ports with { GatewayHttps = port },
                "control-plane" => ports with { ControlPlane = port },
                "authority" => ports with { Authority = port },
                "portal" => ports with { Portal = port },
                "backend" => ports with { Backend = port },
                _ => throw new FormatException($"There is no port named '{parts[0]}'. Names: {Names}."),
            };
        }

        return ports;
    }

    public static ListenAddress Loopback(int port) => ListenAddress.Loopback(port);
}

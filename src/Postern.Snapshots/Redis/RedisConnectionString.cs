using System.Collections.Frozen;
using System.Globalization;
using System.Security.Authentication;

namespace Postern.Snapshots.Redis;

/// <summary>
/// Reads connection strings of StackExchange.Redis' form, as the product takes them: endpoints and <c>name=value</c> options with commas
/// between. Messages name options and never their values: one of them is the password.
/// </summary>
public static class RedisConnectionString
{
    private const int PlainPort = 6379;
    private const int TlsPort = 6380;

    /// <summary>Options that tune StackExchange.Redis itself and mean nothing to another client.</summary>
    private static readonly FrozenSet<string> NotForUs = new[]
    {
        "abortConnect", "allowAdmin", "asyncTimeout", "syncTimeout", "channelPrefix", "checkCertificateRevocation", "connectRetry", "configChannel",
        "configCheckSeconds", "heartbeatConsistencyChecks", "heartbeatInterval", "highIntegrity", "keepAlive", "protocol", "resolveDns",
        "responseTimeout", "setlib", "tiebreaker", "version", "writeBuffer",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="FormatException">It cannot be understood, or asks for what this client does not do.</exception>
    public static RedisOptions Parse(string text)
    {
        var addresses = new List<string>();
        var options = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
            {
                addresses.Add(part);
            }
            else if (!options.TryAdd(part[..equals].Trim(), part[(equals + 1)..].Trim()))
            {
                throw new FormatException("An option is there twice.");
            }
        }

        // What follows the password may be a piece of it, cut at a comma: it is not shown.
        var afterPassword = false;
        foreach (var name in options.Keys)
        {
            Check(name, shown: !afterPassword);
            afterPassword |= name.Equals("password", StringComparison.OrdinalIgnoreCase);
        }

        var tls = Flag(options, "ssl", false);
        var endpoints = addresses.ConvertAll(address => Endpoint(address, tls ? TlsPort : PlainPort));
        return new(
            endpoints.Count > 0 ? endpoints : throw new FormatException("It names no endpoint: begin with host:port."),
            Text(options, "user"),
            Text(options, "password"),
            tls,
            Text(options, "sslHost"),
            Protocols(Text(options, "sslProtocols")),
            TimeSpan.FromMilliseconds(Number(options, "connectTimeout", 5_000, 1, 600_000)),
            Number(options, "defaultDatabase", 0, 0, 1_000_000),
            Text(options, "name"));
    }

    private static void Check(string name, bool shown)
    {
        switch (name.ToLowerInvariant())
        {
            case "user" or "password" or "ssl" or "sslhost" or "sslprotocols" or "connecttimeout" or "defaultdatabase" or "name":
                return;
            case "servicename" or "proxy" or "tunnel":
                throw new FormatException($"Option '{name}' is not supported: give the addresses of the servers themselves.");
            default:
                if (!NotForUs.Contains(name))
                {
                    throw new FormatException(shown ? $"Option '{name}' is not known." : "An option after the password is not known; passwords can't hold commas.");
                }

                return;
        }
    }

    private static RedisEndpoint Endpoint(string text, int port)
    {
        // A path would be a socket file, a scheme another form of connection string.
        if (text.Contains('/', StringComparison.Ordinal) || !Uri.TryCreate($"redis://{text}", UriKind.Absolute, out var address) || address.UserInfo.Length > 0)
        {
            throw new FormatException("An endpoint is not of the form host:port.");
        }

        return new(address.Host.Trim('[', ']'), address.Port > 0 ? address.Port : port);
    }

    private static SslProtocols Protocols(string? text)
    {
        var protocols = SslProtocols.None;
        foreach (var name in text?.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            protocols |= name.ToLowerInvariant() switch
            {
                "tls12" => SslProtocols.Tls12,
                "tls13" => SslProtocols.Tls13,
                _ => throw new FormatException("Option 'sslProtocols' takes tls12 and tls13."),
            };
        }

        return protocols == SslProtocols.None ? SslProtocols.Tls12 | SslProtocols.Tls13 : protocols;
    }

    private static string? Text(Dictionary<string, string> options, string name) => options.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    private static bool Flag(Dictionary<string, string> options, string name, bool otherwise) =>
        Text(options, name) is not { } text ? otherwise
        : bool.TryParse(text, out var value) ? value
        : text is "1" or "yes" or "on" || (text is "0" or "no" or "off" ? false : throw new FormatException($"Option '{name}' takes true or false."));

    private static int Number(Dictionary<string, string> options, string name, int otherwise, int least, int most) =>
        Text(options, name) is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value
        : throw new FormatException($"Option '{name}' takes a number from {least} to {most}.");
}

using Microsoft.Extensions.Primitives;

namespace Postern.Gateway.Forwarding;

/// <summary>Headers that belong to one connection and end at a proxy (RFC 9110 7.6.1), and those that a <c>Connection</c> header names.</summary>
internal static class HopByHop
{
    /// <summary>True for headers of the caller that are never copied; the transport makes its own where one is needed.</summary>
    public static bool IsRequestHeader(string name) => name.Length switch
    {
        2 => Is(name, "TE"),
        4 => Is(name, "Host"),
        6 => Is(name, "Expect"),
        7 => Is(name, "Trailer") || Is(name, "Upgrade"),
        10 => Is(name, "Connection") || Is(name, "Keep-Alive"),
        14 => Is(name, "Content-Length") || Is(name, "HTTP2-Settings"),
        15 => Is(name, "X-Forwarded-For"),
        16 => Is(name, "Proxy-Connection"),
        17 => Is(name, "Transfer-Encoding"),
        19 => Is(name, "Proxy-Authorization"),
        _ => name.Length > 0 && name[0] == ':',
    };

    /// <summary>
    /// True for headers of the backend that are never copied. <c>Content-Length</c> is handled apart; <c>Trailer</c> is taken away again when
    /// the trailers that it announces can't follow.
    /// </summary>
    public static bool IsResponseHeader(string name) => name.Length switch
    {
        7 => Is(name, "Upgrade"),
        10 => Is(name, "Connection") || Is(name, "Keep-Alive"),
        14 => Is(name, "Content-Length"),
        16 => Is(name, "Proxy-Connection"),
        17 => Is(name, "Transfer-Encoding"),
        18 => Is(name, "Proxy-Authenticate"),
        _ => name.Length > 0 && name[0] == ':',
    };

    /// <summary>True when a <c>Connection</c> header names this header. The usual values name none and cost one comparison.</summary>
    public static bool IsNamed(StringValues connection, string name)
    {
        foreach (var value in connection)
        {
            var rest = value.AsSpan();
            if (rest.Equals("keep-alive", StringComparison.OrdinalIgnoreCase) || rest.Equals("close", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            while (!rest.IsEmpty)
            {
                var comma = rest.IndexOf(',');
                var token = (comma < 0 ? rest : rest[..comma]).Trim();
                if (token.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }

                rest = comma < 0 ? default : rest[(comma + 1)..];
            }
        }

        return false;
    }

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}

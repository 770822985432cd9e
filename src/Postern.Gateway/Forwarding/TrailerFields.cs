using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Postern.Gateway.Forwarding;

/// <summary>
/// Which fields may come after a body. What frames, routes, authenticates or conditions a message is read before its body, so after it such
/// a field can only mislead (RFC 9110 6.5.1): it is dropped. Dropping is always allowed.
/// </summary>
internal static class TrailerFields
{
    private static readonly FrozenSet<string> Forbidden = new[]
    {
        "Connection", "Content-Length", "Content-Encoding", "Content-Range", "Content-Type", "Host", "HTTP2-Settings", "Keep-Alive", "Proxy-Connection",
        "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Age", "Authorization", "Cache-Control", "Cookie", "Date", "Expect", "Expires", "Forwarded",
        "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since", "Location", "Max-Forwards", "Pragma", "Proxy-Authenticate",
        "Proxy-Authentication-Info", "Proxy-Authorization", "Range", "Retry-After", "Set-Cookie", "Vary", "Warning", "WWW-Authenticate",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static bool IsForbidden(string name) =>
        name.Length == 0 || name[0] == ':' || Forbidden.Contains(name) || name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase);

    /// <summary>True when <c>TE</c> says that trailers are welcome.</summary>
    public static bool AreAccepted(StringValues te)
    {
        foreach (var value in te)
        {
            var rest = value.AsSpan();
            foreach (var part in rest.Split(','))
            {
                if (rest[part].Trim().Equals("trailers", StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }

    public static bool MayFollow(string name, StringValues value) => !IsForbidden(name) && IsWritable(value);

    /// <summary>
    /// Policies see and set the headers only. A trailer with the name of a header that was sent is dropped, lest a backend that mixes the two
    /// up takes the caller's word for the policy's.
    /// </summary>
    public static bool MayFollow(string name, StringValues value, IHeaderDictionary sent) => !sent.ContainsKey(name) && MayFollow(name, value);

    /// <summary>A line break inside a value would be the end of the trailers, and what follows the next message.</summary>
    private static bool IsWritable(StringValues value)
    {
        foreach (var text in value)
        {
            if (text.AsSpan().ContainsAny('\r', '\n', '\0'))
            {
                return false;
            }
        }

        return true;
    }
}

using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Postern.Gateway.Backends;

/// <summary>Reads a backend's <c>Retry-After</c> (RFC 9110 10.2.3): whole seconds, or a date.</summary>
internal static class RetryAfter
{
    /// <summary>A backend may not take itself out of service for longer by one header.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <returns>Null when there is none, it is malformed, or it is over already.</returns>
    public static TimeSpan? Parse(StringValues header, TimeProvider time)
    {
        if (header is not [{ Length: > 0 } text])
        {
            return null;
        }

        TimeSpan wait;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            wait = seconds > Longest.TotalSeconds ? Longest : TimeSpan.FromSeconds(seconds);
        }
        else if (DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
        {
            wait = date - time.GetUtcNow();
        }
        else
        {
            return null;
        }

        return wait <= TimeSpan.Zero ? null : wait > Longest ? Longest : wait;
    }
}

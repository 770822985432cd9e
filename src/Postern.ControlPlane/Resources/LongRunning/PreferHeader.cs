using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Postern.ControlPlane.Resources.LongRunning;

/// <summary><c>Prefer: respond-async</c>, with or without <c>wait=seconds</c> (RFC 7240).</summary>
internal static class PreferHeader
{
    private const int LongestWait = 60;

    /// <returns>How long the caller wants to wait for the result before it is told where to look; null when it does not say.</returns>
    public static TimeSpan? RespondAsync(HttpRequest request)
    {
        var preferences = string.Join(',', request.Headers["Prefer"].ToArray()).Split([',', ';'], StringSplitOptions.TrimEntries);
        if (!preferences.Contains("respond-async", StringComparer.OrdinalIgnoreCase))
        {
            return null;
        }

        var wait = preferences.FirstOrDefault(preference => preference.StartsWith("wait=", StringComparison.OrdinalIgnoreCase));
        return int.TryParse(wait?["wait=".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Min(seconds, LongestWait))
            : TimeSpan.Zero;
    }
}

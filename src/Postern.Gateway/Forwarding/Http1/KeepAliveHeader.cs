using System.Globalization;

namespace Postern.Gateway.Forwarding.Http1;

/// <summary><c>Keep-Alive: timeout=5, max=100</c>: how long the backend keeps an idle connection.</summary>
internal static class KeepAliveHeader
{
    /// <returns>A second less than the backend said, because its clock began earlier; null when it named no time.</returns>
    public static TimeSpan? Read(string value)
    {
        foreach (var parameter in value.Split(',', StringSplitOptions.TrimEntries))
        {
            if (parameter.StartsWith("timeout=", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(parameter.AsSpan("timeout=".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                return TimeSpan.FromSeconds(Math.Max(0, seconds - 1));
            }
        }

        return null;
    }
}

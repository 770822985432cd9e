using System.Net;
using Postern.Hosting;

namespace Postern.Commands;

/// <summary>Reads <c>address:port</c>, <c>[v6]:port</c>, <c>*:port</c> or a port alone (all addresses).</summary>
internal static class ListenArgument
{
    /// <exception cref="FormatException">Neither of these.</exception>
    public static ListenAddress Parse(string text)
    {
        if (ushort.TryParse(text, out var alone))
        {
            return ListenAddress.Any(alone);
        }

        if (text.StartsWith("*:", StringComparison.Ordinal) && ushort.TryParse(text.AsSpan(2), out var any))
        {
            return ListenAddress.Any(any);
        }

        return IPEndPoint.TryParse(text, out var endpoint) && text.Contains(':', StringComparison.Ordinal)
            ? new ListenAddress(endpoint.Address, endpoint.Port)
            : throw new FormatException($"'{text}' is no address to listen on: write 127.0.0.1:8080, [::1]:8080, *:8080 or 8080.");
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Postern.Policies.Schemas;

/// <summary>The formats of texts that are checked; any other format says nothing.</summary>
internal static class TextFormats
{
    public static bool Fits(string? format, string text) => format switch
    {
        "date-time" => text.Length >= 20 && text[10] is 'T' or 't' or ' ' && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "uuid" or "guid" => Guid.TryParseExact(text, "D", out _),
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        "email" => text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at < text.Length - 1 && text.LastIndexOf('@') == at && !text.Any(char.IsWhiteSpace),
        "ipv4" => IPAddress.TryParse(text, out var four) && four.AddressFamily == AddressFamily.InterNetwork && text.Count(c => c == '.') == 3,
        "ipv6" => IPAddress.TryParse(text, out var six) && six.AddressFamily == AddressFamily.InterNetworkV6,
        "byte" => Convert.TryFromBase64String(text, new byte[text.Length], out _),
        _ => true,
    };
}

using System.Globalization;
using System.Xml;

namespace Postern.ControlPlane.Resources;

/// <summary>An ISO 8601 interval of a query: <c>2026-11-20T10:00:00Z/2026-11-20T11:00:00Z</c>, or a duration that ends now.</summary>
internal readonly record struct Timespan(DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>Null when there is none, or a good one.</summary>
    public static ArmError? Check(string? text) => text is null || Parse(text, DateTimeOffset.UnixEpoch) is not null ? null
        : ArmErrors.BadRequest("timespan must be a duration (PT1H) or two times with a slash between (2026-11-20T10:00:00Z/2026-11-20T11:00:00Z).", "timespan");

    /// <param name="text">Checked before.</param>
    /// <param name="from">Begin when there is no text.</param>
    public static Timespan Read(string? text, DateTimeOffset from, DateTimeOffset now) =>
        (text is null ? null : Parse(text, now)) ?? new(from, Ahead(now));

    private static Timespan? Parse(string text, DateTimeOffset now)
    {
        var parts = text.Split('/');
        if (parts.Length == 2)
        {
            return TryTime(parts[0], out var begin) && TryTime(parts[1], out var end) ? new(begin, end) : null;
        }

        try
        {
            var length = XmlConvert.ToTimeSpan(text);
            return length >= TimeSpan.Zero && length < TimeSpan.FromDays(3650) ? new(now - length, Ahead(now)) : null;
        }
        catch (Exception malformed) when (malformed is FormatException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>Gateways' clocks may be ahead a little.</summary>
    private static DateTimeOffset Ahead(DateTimeOffset now) => now.AddMinutes(5);

    private static bool TryTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
}

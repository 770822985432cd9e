using System.Globalization;

namespace Postern.Portal.Health;

/// <summary>How long something is ago or lasts, in one unit.</summary>
internal static class Ago
{
    public static string Since(DateTimeOffset moment, DateTimeOffset now) =>
        now - moment < TimeSpan.FromSeconds(2) ? "just now" : Length(now - moment) + " ago";

    public static string Length(TimeSpan length) => length switch
    {
        { TotalMinutes: < 2 } => Whole(length.TotalSeconds, "s"),
        { TotalHours: < 2 } => Whole(length.TotalMinutes, "min"),
        { TotalDays: < 2 } => Whole(length.TotalHours, "h"),
        _ => Whole(length.TotalDays, "days"),
    };

    private static string Whole(double number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(number):0} {unit}");
}

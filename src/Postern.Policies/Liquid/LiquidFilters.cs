using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Postern.Policies.Liquid;

internal delegate object? LiquidFilter(object? value, object?[] arguments);

/// <summary>Filters, by the names that the product documents. Patterns run under a time limit.</summary>
internal static class LiquidFilters
{
    private static readonly TimeSpan PatternTime = TimeSpan.FromSeconds(1);

    private static readonly FrozenDictionary<string, LiquidFilter> ByName = new Dictionary<string, LiquidFilter>(StringComparer.Ordinal)
    {
        ["Abs"] = (value, _) => value is double number ? Math.Abs(number) : (object)Math.Abs((long)Number(value)),
        ["Append"] = (value, given) => Text(value) + Text(given, 0),
        ["AtLeast"] = (value, given) => Whole(Math.Max(Number(value), Number(given, 0)), value, given),
        ["AtMost"] = (value, given) => Whole(Math.Min(Number(value), Number(given, 0)), value, given),
        ["Capitalize"] = (value, _) => Text(value) is { Length: > 0 } text ? char.ToUpperInvariant(text[0]) + text[1..] : "",
        ["Compact"] = (value, _) => LiquidValues.ToItems(value).Where(item => item is not null).ToList(),
        ["Currency"] = (value, _) => Number(value).ToString("C", CultureInfo.InvariantCulture),
        ["Date"] = Date,
        ["Default"] = (value, given) => value is null or false or "" || LiquidValues.AreEqual(value, LiquidValues.Empty) ? given.ElementAtOrDefault(0) : value,
        ["DividedBy"] = DividedBy,
        ["Downcase"] = (value, _) => Text(value).ToLowerInvariant(),
        ["Escape"] = (value, _) => WebUtility.HtmlEncode(Text(value)),
        ["First"] = (value, _) => LiquidValues.ToItems(value).FirstOrDefault(),
        ["H"] = (value, _) => WebUtility.HtmlEncode(Text(value)),
        ["Join"] = (value, given) => string.Join(given.Length > 0 ? Text(given, 0) : " ", LiquidValues.ToItems(value).Select(LiquidValues.ToText)),
        ["Last"] = (value, _) => LiquidValues.ToItems(value).LastOrDefault(),
        ["Lstrip"] = (value, _) => Text(value).TrimStart(),
        ["Map"] = (value, given) => LiquidValues.ToItems(value).Select(item => item is null ? null : LiquidValues.Member(item, Text(given, 0))).ToList(),
        ["Minus"] = (value, given) => Whole(Number(value) - Number(given, 0), value, given),
        ["Modulo"] = (value, given) => Number(given, 0) == 0 ? throw new LiquidException("Divided by zero.") : Whole(Number(value) % Number(given, 0), value, given),
        ["NewlineToBr"] = (value, _) => Text(value).Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "<br />\n", StringComparison.Ordinal),
        ["Plus"] = (value, given) => value is string text && !double.TryParse(text, CultureInfo.InvariantCulture, out _)
            ? text + Text(given, 0)
            : Whole(Number(value) + Number(given, 0), value, given),
        ["Prepend"] = (value, given) => Text(given, 0) + Text(value),
        ["Remove"] = (value, given) => Text(given, 0).Length == 0 ? Text(value) : Text(value).Replace(Text(given, 0), "", StringComparison.Ordinal),
        ["RemoveFirst"] = (value, given) => ReplaceFirst(Text(value), Text(given, 0), ""),
        ["Replace"] = (value, given) => Replace(Text(value), Text(given, 0), Text(given, 1)),
        ["ReplaceFirst"] = (value, given) => ReplaceFirst(Text(value), Text(given, 0), Text(given, 1)),
        ["Round"] = (value, given) => Rounded(Number(value), given.Length > 0 ? (int)Math.Clamp(Number(given, 0), 0, 15) : 0),
        ["Rstrip"] = (value, _) => Text(value).TrimEnd(),
        ["Size"] = (value, _) => value is string text ? (long)text.Length : LiquidValues.ToItems(value).LongCount(),
        ["Slice"] = Slice,
        ["Sort"] = Sort,
        ["Split"] = (value, given) => Text(value).Split(Text(given, 0), StringSplitOptions.RemoveEmptyEntries).Cast<object?>().ToList(),
        ["Strip"] = (value, _) => Text(value).Trim(),
        ["StripHtml"] = (value, _) => Regex.Replace(Text(value), "<[^>]*>", "", RegexOptions.CultureInvariant, PatternTime),
        ["StripNewlines"] = (value, _) => Text(value).Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal),
        ["Times"] = (value, given) => Whole(Number(value) * Number(given, 0), value, given),
        ["Truncate"] = (value, given) => Truncate(Text(value), given.Length > 0 ? (int)Number(given, 0) : 50, given.Length > 1 ? Text(given, 1) : "..."),
        ["TruncateWords"] = (value, given) => TruncateWords(Text(value), given.Length > 0 ? (int)Number(given, 0) : 15, given.Length > 1 ? Text(given, 1) : "..."),
        ["Uniq"] = (value, _) => LiquidValues.ToItems(value).DistinctBy(LiquidValues.ToText).ToList(),
        ["Upcase"] = (value, _) => Text(value).ToUpperInvariant(),
        ["UrlDecode"] = (value, _) => WebUtility.UrlDecode(Text(value)),
        ["UrlEncode"] = (value, _) => WebUtility.UrlEncode(Text(value)),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IEnumerable<string> Names => ByName.Keys;

    public static LiquidFilter? Find(string name) => ByName.GetValueOrDefault(name);

    private static string Text(object? value) => LiquidValues.ToText(value);

    private static string Text(object?[] given, int index) => index < given.Length ? Text(given[index]) : "";

    private static double Number(object? value) => LiquidValues.ToNumber(value);

    private static double Number(object?[] given, int index) => index < given.Length ? Number(given[index]) : 0;

    /// <summary>Whole numbers stay whole as long as nobody brings a fraction.</summary>
    private static object Whole(double result, object? value, object?[] given)
    {
        var fraction = value is double || given.Any(item => item is double) || Text(value).Contains('.', StringComparison.Ordinal);
        return fraction || Math.Abs(result) > long.MaxValue / 2d ? result : (long)result;
    }

    private static object Rounded(double value, int digits) =>
        digits == 0 ? (long)Math.Round(value, MidpointRounding.AwayFromZero) : Math.Round(value, digits, MidpointRounding.AwayFromZero);

    private static object DividedBy(object? value, object?[] given)
    {
        var by = Number(given, 0);
        return by == 0 ? throw new LiquidException("Divided by zero.")
            : value is double || given[0] is double ? Number(value) / by
            : (long)Math.Floor(Number(value) / by);
    }

    private static object? Date(object? value, object?[] given)
    {
        var format = Text(given, 0);
        var time = value switch
        {
            DateTime known => known,
            DateTimeOffset known => known.DateTime,
            _ => DateTime.TryParse(Text(value), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var parsed) ? parsed : (DateTime?)null,
        };
        try
        {
            return time is null || format.Length == 0 ? value : time.Value.ToString(format, CultureInfo.InvariantCulture);
        }
        catch (FormatException)
        {
            return value;
        }
    }

    private static string Replace(string text, string pattern, string replacement)
    {
        try
        {
            var result = Regex.Replace(text, pattern, replacement, RegexOptions.None, PatternTime);
            return result.Length > 32 * 1024 * 1024 ? throw new LiquidException("The text is too long.") : result;
        }
        catch (Exception problem) when (problem is ArgumentException or RegexMatchTimeoutException)
        {
            throw new LiquidException($"Replace: {problem.Message}");
        }
    }

    private static string ReplaceFirst(string text, string old, string replacement)
    {
        var at = old.Length == 0 ? -1 : text.IndexOf(old, StringComparison.Ordinal);
        return at < 0 ? text : string.Concat(text.AsSpan(0, at), replacement, text.AsSpan(at + old.Length));
    }

    private static object? Slice(object? value, object?[] given)
    {
        var start = (int)Number(given, 0);
        var length = given.Length > 1 ? (int)Number(given, 1) : 1;
        if (value is string text)
        {
            start = start < 0 ? Math.Max(0, text.Length + start) : Math.Min(start, text.Length);
            return text.Substring(start, Math.Clamp(length, 0, text.Length - start));
        }

        var items = LiquidValues.ToItems(value).ToList();
        start = start < 0 ? Math.Max(0, items.Count + start) : start;
        return items.Skip(start).Take(length).ToList();
    }

    private static object? Sort(object? value, object?[] given)
    {
        var items = LiquidValues.ToItems(value).ToList();
        var by = Text(given, 0);
        var order = Comparer<object?>.Create(LiquidValues.Order);
        return (by.Length == 0 ? items.Order(order) : items.OrderBy(item => item is null ? null : LiquidValues.Member(item, by), order)).ToList();
    }

    private static string Truncate(string text, int length, string end) =>
        text.Length <= length ? text : string.Concat(text.AsSpan(0, Math.Max(0, length - end.Length)), end);

    private static string TruncateWords(string text, int count, string end)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length <= count ? text : string.Join(' ', words.Take(Math.Max(1, count))) + end;
    }
}

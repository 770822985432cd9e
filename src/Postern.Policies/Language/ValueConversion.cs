using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace Postern.Policies.Language;

/// <summary>From text in a document, or from an expression's result, to the type that a policy works with.</summary>
internal static class ValueConversion
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyDictionary<string, object>> EnumTexts = new();

    /// <returns>Null when the text does not fit; <paramref name="expected"/> then says what would.</returns>
    public static object? FromText(Type type, string text, out string expected)
    {
        expected = "";
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string) || type == typeof(object))
        {
            return text;
        }

        if (type == typeof(bool))
        {
            expected = "true or false";
            return bool.TryParse(text, out var flag) ? flag : null;
        }

        if (type == typeof(int))
        {
            expected = "a whole number";
            return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
        }

        if (type == typeof(long))
        {
            expected = "a whole number";
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
        }

        if (type == typeof(double))
        {
            expected = "a number";
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
        }

        if (type == typeof(DateTimeOffset))
        {
            expected = "a time such as 2026-01-31T00:00:00Z";
            return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
        }

        if (type == typeof(TimeSpan))
        {
            expected = "a number of seconds, or a duration such as P1DT12H";
            return Duration(text.Trim());
        }

        if (type.IsEnum)
        {
            var texts = TextsOf(type);
            expected = string.Join(", ", texts.Keys);
            return texts.GetValueOrDefault(text);
        }

        throw new InvalidOperationException($"No conversion from text to {type}.");
    }

    /// <summary>Whole seconds, or an ISO 8601 duration, where a year has 365 days and a month 30.</summary>
    private static object? Duration(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return TimeSpan.FromSeconds(seconds);
        }

        try
        {
            return text.StartsWith('P') ? System.Xml.XmlConvert.ToTimeSpan(text) : null;
        }
        catch (Exception problem) when (problem is FormatException or OverflowException)
        {
            return null;
        }
    }

    /// <exception cref="InvalidCastException">The result has no meaning as a <typeparamref name="T"/>.</exception>
    public static T FromResult<T>(object? result)
    {
        if (typeof(T) == typeof(string))
        {
            return (T)(object)ToText(result);
        }

        if (result is T fits)
        {
            return fits;
        }

        if (typeof(T) == typeof(object))
        {
            return (T)result!;
        }

        var text = ToText(result);
        return FromText(typeof(T), text.Trim(), out var expected) is T converted
            ? converted
            : throw new InvalidCastException($"The expression's result is not {expected}.");
    }

    /// <summary>Invariant text; null is empty; bytes are taken as UTF-8; several header values are joined with commas.</summary>
    public static string ToText(object? result) => result switch
    {
        null => "",
        string text => text,
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        string[] several => string.Join(",", several),
        bool flag => flag ? "true" : "false",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => result.ToString() ?? "",
    };

    public static IReadOnlyDictionary<string, object> TextsOf(Type type) => EnumTexts.GetOrAdd(type, static type =>
    {
        var texts = new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase);
        foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            texts[field.GetCustomAttribute<WrittenAttribute>()?.Text ?? Dashed(field.Name)] = field.GetValue(null)!;
        }

        return texts;
    });

    private static string Dashed(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsUpper(c) && text.Length > 0)
            {
                text.Append('-');
            }

            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }
}

using System.Collections;
using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Postern.Policies.Liquid;

/// <summary>Something that a template can look into by name.</summary>
internal interface ILiquidObject
{
    object? Member(string name);
}

/// <summary>How values of JSON, XML and .NET look to a template.</summary>
internal static class LiquidValues
{
    /// <summary>What <c>empty</c> and <c>blank</c> stand for.</summary>
    public static readonly object Empty = new();

    public static object? Wrap(object? value) => value switch
    {
        JArray array => array.Select(Wrap).ToList(),
        JValue scalar => Wrap(scalar.Value),
        int or short or byte or uint or ushort or sbyte => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        float or decimal or ulong => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        XDocument document => new LiquidXml(document, nilIsNull: false),
        XElement element => new LiquidXml(element, nilIsNull: false),
        string[] texts => texts.Cast<object?>().ToList(),
        Guid or Uri or char => value.ToString(),
        _ => value,
    };

    public static object? Member(object value, object? key)
    {
        if (key is long index)
        {
            var items = value is LiquidXml or IList ? ToItems(value).ToList() : [];
            var at = index < 0 ? index + items.Count : index;
            return at >= 0 && at < items.Count ? items[(int)at] : null;
        }

        var name = ToText(key);
        return Wrap(value switch
        {
            ILiquidObject known => known.Member(name),
            JObject json => json[name] ?? Special(json.Count, name),
            IReadOnlyDictionary<string, object?> dictionary => dictionary.TryGetValue(name, out var found) ? found : null,
            IDictionary<string, object?> dictionary => dictionary.TryGetValue(name, out var found) ? found : null,
            string text => name.Equals("size", StringComparison.OrdinalIgnoreCase) ? (long)text.Length : null,
            IList list => name.ToLowerInvariant() switch
            {
                "size" => (long)list.Count,
                "first" => list.Count > 0 ? list[0] : null,
                "last" => list.Count > 0 ? list[^1] : null,
                _ => null,
            },
            _ => null,
        });
    }

    public static IEnumerable<object?> ToItems(object? value) => value switch
    {
        null => [],
        string text => text.Length == 0 ? [] : [text],
        LiquidXml => [value],
        JObject => [value],
        IEnumerable several => several.Cast<object?>().Select(Wrap),
        _ => [value],
    };

    public static string ToText(object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        double number => number.ToString("0.################", CultureInfo.InvariantCulture),
        DateTime time => time.ToString(CultureInfo.InvariantCulture),
        JToken json => json.ToString(Formatting.None),
        ILiquidObject known => known.ToString() ?? "",
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable several => string.Concat(several.Cast<object?>().Select(item => ToText(Wrap(item)))),
        _ => ReferenceEquals(value, Empty) ? "" : value.ToString() ?? "",
    };

    public static double ToNumber(object? value) => value switch
    {
        long number => number,
        double number => number,
        _ => double.TryParse(ToText(value), NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0,
    };

    public static bool IsTrue(object? value) => value is not (null or false);

    public static bool AreEqual(object? a, object? b)
    {
        if (ReferenceEquals(a, Empty) || ReferenceEquals(b, Empty))
        {
            var other = ReferenceEquals(a, Empty) ? b : a;
            return other is null or "" || (other is ICollection { Count: 0 }) || (other is ILiquidObject && ToText(other).Length == 0);
        }

        return a is null || b is null ? a is null && b is null
            : a is bool || b is bool ? Equals(a, b)
            : IsNumber(a) && IsNumber(b) ? ToNumber(a).Equals(ToNumber(b))
            : a is DateTime && b is DateTime ? Equals(a, b)
            : IsNumber(a) != IsNumber(b) && a is string or long or double && b is string or long or double ? false
            : ToText(a).Equals(ToText(b), StringComparison.Ordinal);
    }

    public static int Order(object? a, object? b) =>
        a is DateTime x && b is DateTime y ? x.CompareTo(y)
        : IsNumber(a) || IsNumber(b) ? ToNumber(a).CompareTo(ToNumber(b))
        : string.CompareOrdinal(ToText(a), ToText(b));

    public static bool Contains(object? a, object? b) => a switch
    {
        null => false,
        string text => text.Contains(ToText(b), StringComparison.Ordinal),
        JObject json => json.ContainsKey(ToText(b)),
        IReadOnlyDictionary<string, object?> dictionary => dictionary.ContainsKey(ToText(b)),
        IList list => list.Cast<object?>().Any(item => AreEqual(Wrap(item), b)),
        _ => ToText(a).Contains(ToText(b), StringComparison.Ordinal),
    };

    public static bool IsNumber(object? value) => value is long or double;

    private static object? Special(int count, string name) => name.Equals("size", StringComparison.OrdinalIgnoreCase) ? (long)count : null;
}

/// <summary>XML as templates see it: local names without prefixes, without regard to case; an element without children is its text.</summary>
internal sealed class LiquidXml(XContainer container, bool nilIsNull) : ILiquidObject
{
    private static readonly XName Nil = XName.Get("nil", "http://www.w3.org/2001/XMLSchema-instance");

    public object? Member(string name)
    {
        var found = container.Elements().Where(element => element.Name.LocalName.Equals(name, StringComparison.OrdinalIgnoreCase)).ToList();
        return found.Count switch
        {
            0 => (container as XElement)?.Attributes().FirstOrDefault(attribute =>
                attribute.Name.LocalName.Equals(name, StringComparison.OrdinalIgnoreCase) && !attribute.IsNamespaceDeclaration)?.Value,
            1 => Of(found[0]),
            _ => found.Select(Of).ToList(),
        };
    }

    public override string ToString() => container is XElement element ? element.Value : ((XDocument)container).Root?.Value ?? "";

    private object? Of(XElement element) =>
        element.Attribute(Nil)?.Value is "true" or "1" ? (nilIsNull ? null : "") : new LiquidXml(element, nilIsNull);
}

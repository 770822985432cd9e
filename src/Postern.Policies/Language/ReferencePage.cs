using System.Globalization;
using System.Text;

namespace Postern.Policies.Language;

/// <summary>Writes docs/policies/&lt;name&gt;.md from a policy's record, so the page can't say anything that the reader does not do.</summary>
internal static class ReferencePage
{
    /// <summary>What stands below this heading is written by hand and kept.</summary>
    public const string HandWritten = "## Notes";

    public static string For(PolicyDefinition definition)
    {
        var syntax = definition.Syntax;
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"# {syntax.Name}\n\n{syntax.Summary}\n\n");
        if (syntax.PartOnly)
        {
            page.Append("A part of other policies; it can't stand by itself.\n\n");
        }
        else
        {
            page.Append(CultureInfo.InvariantCulture, $"- Sections: {Sections(syntax.Sections)}\n");
            page.Append(CultureInfo.InvariantCulture, $"- Scopes: {(syntax.Scopes is null ? "all" : string.Join(", ", syntax.Scopes.Select(scope => scope.ScopeName())))}\n");
            page.Append(syntax.Once switch
            {
                Once.PerSection => "- Once per section\n",
                Once.PerDocument => "- Once per document\n",
                _ => "",
            });
            page.Append('\n');
        }

        var instance = Activator.CreateInstance(definition.Type);
        Write(page, syntax.Name, definition.Shape, instance, []);
        return page.ToString();
    }

    private static string Sections(In sections) =>
        string.Join(", ", Enum.GetValues<Section>().Where(section => sections.Has(section)).Select(section => section.ToName()));

    private static void Write(StringBuilder page, string element, ElementShape shape, object? instance, HashSet<Type> seen)
    {
        if (!seen.Add(shape.Type))
        {
            return;
        }

        page.Append(CultureInfo.InvariantCulture, $"## `<{element}>`\n\n");
        if (shape.Attributes.Count > 0)
        {
            page.Append("| Attribute | Required | Default | Values | Expression | |\n| --- | --- | --- | --- | --- | --- |\n");
            foreach (var attribute in shape.Attributes)
            {
                var type = attribute.Property.PropertyType;
                var isValue = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Value<>);
                page.Append(CultureInfo.InvariantCulture,
                    $"| `{attribute.Syntax.Name}` | {YesNo(attribute.Required)} | {Default(attribute, instance)} | {Values(isValue ? type.GetGenericArguments()[0] : type, attribute.Syntax)} | {YesNo(isValue)} | {attribute.Syntax.Summary} |\n");
            }

            page.Append('\n');
        }

        if (shape.Text is { } text)
        {
            var isValue = text.Property.PropertyType.IsGenericType;
            page.Append(CultureInfo.InvariantCulture, $"Text{(text.Required ? " (required)" : "")}: {text.Syntax.Summary ?? "the value."}{(isValue ? " May be an expression." : "")}\n\n");
        }

        if (shape.Children.Count > 0)
        {
            page.Append("| Child | Required | How often | |\n| --- | --- | --- | --- |\n");
            foreach (var child in shape.Children)
            {
                page.Append(CultureInfo.InvariantCulture,
                    $"| `<{child.Syntax.Name}>` | {YesNo(child.Required)} | {(child.IsList ? "any number" : "once")} | {child.Syntax.Summary} |\n");
            }

            page.Append('\n');
        }

        if (shape.Policies is { } policies)
        {
            page.Append(policies.Syntax.Only.Count == 0
                ? "Children: any policies that may stand in the section.\n\n"
                : $"Children: {string.Join(", ", policies.Syntax.Only.Select(name => $"`<{name}>`"))}.\n\n");
        }

        foreach (var child in shape.Children.Where(child => typeof(PolicyPart).IsAssignableFrom(child.ItemType)))
        {
            Write(page, child.Syntax.Name, ElementShape.Of(child.ItemType), Activator.CreateInstance(child.ItemType), seen);
        }
    }

    private static string YesNo(bool yes) => yes ? "yes" : "no";

    private static string Default(ShapedAttribute attribute, object? instance)
    {
        if (attribute.Required || instance is null)
        {
            return "";
        }

        var value = attribute.Property.GetValue(instance);
        if (value is Value { IsConstant: true } constant)
        {
            value = constant.GetType().GetProperty("Constant")!.GetValue(constant);
        }

        return value switch
        {
            null => "",
            bool flag => flag ? "`true`" : "`false`",
            Enum choice => $"`{ValueConversion.TextsOf(choice.GetType()).First(pair => pair.Value.Equals(choice)).Key}`",
            IFormattable number => $"`{number.ToString(null, CultureInfo.InvariantCulture)}`",
            _ => $"`{value}`",
        };
    }

    private static string Values(Type type, XmlAttributeAttribute syntax)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var kind = type == typeof(bool) ? "true, false"
            : type == typeof(int) || type == typeof(long) ? "whole number"
            : type == typeof(double) ? "number"
            : type == typeof(DateTimeOffset) ? "time"
            : type == typeof(TimeSpan) ? "seconds or ISO 8601 duration"
            : type.IsEnum ? string.Join(", ", ValueConversion.TextsOf(type).Keys)
            : type == typeof(object) ? "any" : "text";
        var (from, to) = (double.IsNegativeInfinity(syntax.Min) ? "" : $" from {syntax.Min.ToString(CultureInfo.InvariantCulture)}",
            double.IsPositiveInfinity(syntax.Max) ? "" : $" to {syntax.Max.ToString(CultureInfo.InvariantCulture)}");
        return kind + from + to;
    }
}

using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Postern.Policies.Language;

/// <summary>The XML syntax of a record, worked out from its properties once.</summary>
internal sealed class ElementShape
{
    private static readonly ConcurrentDictionary<Type, ElementShape> Shapes = new();

    private ElementShape(Type type)
    {
        Type = type;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).OrderBy(property => property.MetadataToken))
        {
            var required = property.IsDefined(typeof(RequiredMemberAttribute));
            if (property.GetCustomAttribute<XmlAttributeAttribute>() is { } attribute)
            {
                Attributes.Add(new(property, attribute, required || attribute.Required));
            }
            else if (property.GetCustomAttribute<XmlChildAttribute>() is { } child)
            {
                Children.Add(new(property, child, required || child.Required));
            }
            else if (property.GetCustomAttribute<XmlTextAttribute>() is { } text)
            {
                Text = (property, text, required || text.Required);
            }
            else if (property.GetCustomAttribute<ChildPoliciesAttribute>() is { } policies)
            {
                Policies = (property, policies);
            }
        }
    }

    public Type Type { get; }

    public List<ShapedAttribute> Attributes { get; } = [];

    public List<ShapedChild> Children { get; } = [];

    public (PropertyInfo Property, XmlTextAttribute Syntax, bool Required)? Text { get; }

    public (PropertyInfo Property, ChildPoliciesAttribute Syntax)? Policies { get; }

    public static ElementShape Of(Type type) => Shapes.GetOrAdd(type, static type => new ElementShape(type));
}

internal sealed record ShapedAttribute(PropertyInfo Property, XmlAttributeAttribute Syntax, bool Required);

internal sealed record ShapedChild(PropertyInfo Property, XmlChildAttribute Syntax, bool Required)
{
    public bool IsList { get; } = Property.PropertyType.IsGenericType && Property.PropertyType.GetGenericTypeDefinition() == typeof(IReadOnlyList<>);

    public Type ItemType { get; } =
        Property.PropertyType.IsGenericType && Property.PropertyType.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
            ? Property.PropertyType.GetGenericArguments()[0]
            : Property.PropertyType;
}

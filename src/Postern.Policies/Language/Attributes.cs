namespace Postern.Policies.Language;

/// <summary>Marks a record as the policy of that element name. Declaring the record is all it takes: the catalogue finds it.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class PolicyAttribute(string name, In sections) : Attribute
{
    public string Name => name;

    public In Sections => sections;

    /// <summary>One sentence for the reference page.</summary>
    public required string Summary { get; init; }

    public Once Once { get; init; }

    /// <summary>Null: every scope.</summary>
    public PolicyScope[]? Scopes { get; init; }

    /// <summary>A part of other policies only, such as <c>set-url</c>.</summary>
    public bool PartOnly { get; init; }
}

internal enum Once : byte
{
    No,
    PerSection,
    PerDocument,
}

/// <summary>An XML attribute of the element. The property's default is the attribute's.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class XmlAttributeAttribute(string name) : Attribute
{
    public string Name => name;

    /// <summary>Another spelling that documents in the wild have.</summary>
    public string? Alias { get; init; }

    public bool Required { get; init; }

    /// <summary>For the reference page.</summary>
    public string? Summary { get; init; }

    /// <summary>Range of a number, both ends included; checked for constants at load and for expressions when evaluated.</summary>
    public double Min { get; init; } = double.NegativeInfinity;

    public double Max { get; init; } = double.PositiveInfinity;

    public bool AllowsEmpty { get; init; }

    /// <summary>White space belongs to the value.</summary>
    public bool KeepsSpace { get; init; }
}

/// <summary>A child element that is data: <c>value</c>, <c>origin</c>. The property is one record or value, or a list of them.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class XmlChildAttribute(string name) : Attribute
{
    public string Name => name;

    public string? Alias { get; init; }

    public bool Required { get; init; }

    /// <summary>Keep the whole child as it was written; the property is text.</summary>
    public bool Markup { get; init; }

    public string? Summary { get; init; }
}

/// <summary>The element's text.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class XmlTextAttribute : Attribute
{
    public bool Required { get; init; }

    /// <summary>Keep everything between the tags as it was written, child elements too.</summary>
    public bool Verbatim { get; init; }

    public string? Summary { get; init; }
}

/// <summary>Policies as children; a list of <see cref="Policy"/>. With names: only those.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ChildPoliciesAttribute(params string[] only) : Attribute
{
    public IReadOnlyList<string> Only => only;

    public string? Summary { get; init; }
}

/// <summary>How an enumeration member is written when it is not its name in lower case with dashes.</summary>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class WrittenAttribute(string text) : Attribute
{
    public string Text => text;
}

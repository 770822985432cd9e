namespace Postern.Policies.Reading;

/// <summary>An XML element as the scanner found it; offsets are into the text after named values were put in.</summary>
internal sealed class PolicyElement(string name, int start, int depth, PolicyElement? parent)
{
    public string Name => name;

    /// <summary>Offset of the <c>&lt;</c>.</summary>
    public int Start => start;

    /// <summary>The root's is 1, unless the text stands inside another one.</summary>
    public int Depth => depth;

    public PolicyElement? Parent => parent;

    /// <summary>Where it stands among the elements of its name under one parent, from 1.</summary>
    public int Index { get; } = parent?.NextIndex(name) ?? 1;

    public List<PolicyElementAttribute> Attributes { get; } = [];

    public List<PolicyElement> Children { get; } = [];

    /// <summary>Text directly inside, comments left out; null when there is only white space.</summary>
    public DecodedText? Text { get; set; }

    /// <summary>Offsets of what stands between the tags; equal for an empty element.</summary>
    public int ContentStart { get; set; }

    public int ContentEnd { get; set; }

    /// <summary>Offset after the end tag.</summary>
    public int End { get; set; }

    private Dictionary<string, int>? _indexes;

    public PolicyElementAttribute? Find(string attribute) => Attributes.Find(item => item.Name == attribute);

    /// <summary>The innermost element that an offset lies in; this one when it lies outside.</summary>
    public PolicyElement At(int offset) =>
        Children.Find(child => offset >= child.Start && offset < child.End) is { } child ? child.At(offset) : this;

    private int NextIndex(string child) => (_indexes ??= new(StringComparer.Ordinal))[child] = _indexes.GetValueOrDefault(child) + 1;
}

internal sealed record PolicyElementAttribute(string Name, int Start, DecodedText Value);

using System.Text;

namespace Postern.Policies.Reading;

/// <summary>Text after entities were replaced; every character still knows where it came from.</summary>
internal sealed class DecodedText
{
    private readonly List<(int Decoded, int Source)> _jumps = [];
    private readonly StringBuilder _builder = new();
    private string? _value;

    /// <summary>Where the next character comes from when it follows its neighbour; -1 before the first.</summary>
    private int _next = -1;

    public string Value => _value ??= _builder.ToString();

    public void Append(ReadOnlySpan<char> text, int source)
    {
        if (text.IsEmpty)
        {
            return;
        }

        if (_next != source)
        {
            _jumps.Add((_builder.Length, source));
        }

        _next = source + text.Length;
        _builder.Append(text);
        _value = null;
    }

    /// <summary>The next character comes from <paramref name="source"/> although earlier ones say otherwise.</summary>
    public void AppendDecoded(ReadOnlySpan<char> text, int source, int sourceEnd)
    {
        _jumps.Add((_builder.Length, source));
        _builder.Append(text);
        _jumps.Add((_builder.Length, sourceEnd));
        _next = sourceEnd;
        _value = null;
    }

    public int SourceOf(int decoded)
    {
        var source = decoded;
        foreach (var jump in _jumps)
        {
            if (jump.Decoded > decoded)
            {
                break;
            }

            source = jump.Source + (decoded - jump.Decoded);
        }

        return source;
    }
}

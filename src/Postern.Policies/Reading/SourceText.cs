namespace Postern.Policies.Reading;

/// <summary>The text after named values were put in, with the way back to the text as it was given.</summary>
/// <param name="unknown">Where <paramref name="text"/> still holds a reference, since nobody knows its name.</param>
internal sealed class SourceText(
    string text, string original, IReadOnlyList<Substitution> substitutions, IReadOnlyList<(int At, string Name)> unknown)
{
    public IReadOnlyList<(int At, string Name)> Unknown => unknown;

    public string Text => text;

    /// <summary>Line and column, from 1, in the text as given. Inside a replaced part: where the reference stood.</summary>
    public (int Line, int Column) PlaceOf(int offset)
    {
        var place = Math.Clamp(ToOriginal(offset), 0, original.Length);
        var line = 1;
        var lineStart = 0;
        for (var i = 0; i < place; i++)
        {
            if (original[i] == '\n')
            {
                line++;
                lineStart = i + 1;
            }
        }

        return (line, place - lineStart + 1);
    }

    /// <summary>Name of the named value whose text stands at or touches the range; null when all of it was written by hand.</summary>
    public string? NamedValueIn(int start, int end)
    {
        foreach (var substitution in substitutions)
        {
            if (start < substitution.Start + substitution.Length && end > substitution.Start)
            {
                return substitution.Name;
            }
        }

        return null;
    }

    private int ToOriginal(int offset)
    {
        var shift = 0;
        foreach (var substitution in substitutions)
        {
            if (offset < substitution.Start)
            {
                break;
            }

            if (offset < substitution.Start + substitution.Length)
            {
                return substitution.OriginalStart;
            }

            shift = substitution.OriginalStart + substitution.OriginalLength - (substitution.Start + substitution.Length);
        }

        return offset + shift;
    }
}

/// <summary>One <c>{{name}}</c> that became its value.</summary>
internal readonly record struct Substitution(int Start, int Length, int OriginalStart, int OriginalLength, string Name);

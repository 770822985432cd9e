using System.Runtime.CompilerServices;
using System.Text;

namespace Postern.ControlPlane.Store;

/// <summary>
/// The texts of one member in a block of resources, one after the other between zeros, so that one vectorised search looks at all of them.
/// Sets of rows are bits: bit 0 is the block's first row.
/// </summary>
public sealed class MemberColumn
{
    private const char Mark = '\0';

    private readonly string _texts;

    /// <summary>Where each row's text starts; one more for the end. A block's texts are at most 64 × 513 characters.</summary>
    private readonly ushort[] _starts;

    /// <param name="texts">Folded; null for resources without the member.</param>
    internal MemberColumn(ReadOnlySpan<string?> texts)
    {
        var all = new StringBuilder().Append(Mark);
        _starts = new ushort[texts.Length + 1];
        for (var row = 0; row < texts.Length; row++)
        {
            _starts[row] = (ushort)all.Length;
            all.Append(texts[row]).Append(Mark);
            Present |= texts[row] is null ? 0 : 1UL << row;
            Cut |= texts[row]?.Length >= IndexedMembers.LongestText - 1 ? 1UL << row : 0;
            True |= texts[row] == IndexedMembers.Flag(true) ? 1UL << row : 0;
            False |= texts[row] == IndexedMembers.Flag(false) ? 1UL << row : 0;
        }

        _starts[^1] = (ushort)all.Length;
        _texts = all.ToString();
        HasSurrogates = _texts.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF');
    }

    /// <summary>Rows that have a text.</summary>
    public ulong Present { get; }

    /// <summary>Rows whose text may go on beyond what is kept of it.</summary>
    public ulong Cut { get; }

    /// <summary>Rows where the member is a flag that is set.</summary>
    public ulong True { get; }

    public ulong False { get; }

    /// <summary>True when there are characters of two halves, which are not ordered as their halves are.</summary>
    public bool HasSurrogates { get; }

    internal int Characters => _texts.Length;

    public ReadOnlySpan<char> this[int row] => _texts.AsSpan(_starts[row].._starts[row + 1])[..^1];

    /// <summary>Null for resources without the member.</summary>
    internal string? Text(int row) => (Present >> row & 1) == 0 ? null : this[row].ToString();

    /// <param name="text">Folded.</param>
    public ulong Equal(string text) => Find($"{Mark}{text}{Mark}");

    /// <param name="part">Folded, and not empty.</param>
    public ulong StartingWith(string part) => Find($"{Mark}{part}");

    /// <summary>Rows by how their texts compare with another, by code units.</summary>
    /// <param name="text">Folded.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (ulong Before, ulong Same) Compared(string text)
    {
        var (before, same) = (0UL, 0UL);
        for (var row = 0; row < _starts.Length - 1; row++)
        {
            var order = _texts.AsSpan(_starts[row], _starts[row + 1] - _starts[row] - 1).SequenceCompareTo(text);
            before |= order < 0 ? 1UL << row : 0;
            same |= order == 0 ? 1UL << row : 0;
        }

        return (before & Present, same & Present);
    }

    /// <param name="part">Folded, and not empty.</param>
    public ulong EndingWith(string part) => Find($"{part}{Mark}");

    /// <param name="part">Folded, and not empty.</param>
    public ulong Containing(string part) => Find(part);

    /// <summary>Ten thousand turns of a first call must not wait until the runtime finds them worth compiling well.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ulong Find(string pattern)
    {
        var found = 0UL;
        var offset = pattern[0] == Mark ? 1 : 0;
        var row = 0;
        for (var from = 0; row < _starts.Length - 1; from = _starts[++row] - 1)
        {
            var at = _texts.AsSpan(from).IndexOf(pattern);
            if (at < 0)
            {
                break;
            }

            while (_starts[row + 1] <= from + at + offset)
            {
                row++;
            }

            found |= 1UL << row;
        }

        return found & Present;
    }
}

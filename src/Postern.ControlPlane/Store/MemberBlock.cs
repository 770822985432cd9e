namespace Postern.ControlPlane.Store;

/// <summary>Up to 64 resources that follow each other in the order of names, with their indexed members. Immutable.</summary>
public sealed class MemberBlock
{
    internal const int Most = 64;

    private readonly MemberColumn[] _columns;

    /// <param name="rows">Ordered by name; at least one.</param>
    internal MemberBlock(ReadOnlySpan<MemberRow> rows, int members)
    {
        var names = new string[rows.Length];
        var texts = new string?[rows.Length];
        _columns = new MemberColumn[members];
        for (var member = 0; member < members; member++)
        {
            for (var row = 0; row < rows.Length; row++)
            {
                texts[row] = rows[row].Texts[member];
            }

            _columns[member] = new(texts);
        }

        for (var row = 0; row < rows.Length; row++)
        {
            names[row] = rows[row].Name;
        }

        Names = names;
        Characters = names.Sum(name => name.Length) + _columns.Sum(column => column.Characters);
    }

    /// <summary>In the form of <see cref="ResourceIds.Key"/>.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>All rows.</summary>
    public ulong All => ulong.MaxValue >> (Most - Names.Count);

    internal int Characters { get; }

    /// <param name="member">Its place in <see cref="IndexedMembers"/>.</param>
    public MemberColumn this[int member] => _columns[member];

    internal MemberRow Row(int row) => new(Names[row], [.. _columns.Select(column => column.Text(row))]);
}

/// <param name="Name">In the form of <see cref="ResourceIds.Key"/>.</param>
/// <param name="Texts">One per indexed member of the type; null for those that the resource does not have.</param>
internal readonly record struct MemberRow(string Name, string?[] Texts)
{
    /// <summary>The order of both databases: by code points, as their UTF-8 bytes compare.</summary>
    public static int Compare(string left, string right)
    {
        var same = left.AsSpan().CommonPrefixLength(right);
        if (same == left.Length || same == right.Length)
        {
            return left.Length - right.Length;
        }

        var (one, other) = (left[same], right[same]);
        return char.IsSurrogate(one) == char.IsSurrogate(other) ? one - other : char.IsSurrogate(one) ? 1 : -1;
    }
}

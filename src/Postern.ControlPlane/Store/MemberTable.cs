using System.Collections.Immutable;

namespace Postern.ControlPlane.Store;

/// <summary>
/// Names and indexed members of the resources of one type below one parent, in the order of names: what filters judge and deep pages count
/// without reading resources. Immutable; a change copies the block that it is in.
/// </summary>
public sealed class MemberTable
{
    /// <summary>Rows of a new block: room is left for what is added.</summary>
    private const int Filled = MemberBlock.Most * 3 / 4;

    private readonly int _members;

    private MemberTable(ImmutableArray<MemberBlock> blocks, int members)
    {
        Blocks = blocks;
        _members = members;
        foreach (var block in blocks)
        {
            Count += block.Names.Count;
            Characters += block.Characters;
        }
    }

    public ImmutableArray<MemberBlock> Blocks { get; }

    public int Count { get; }

    /// <summary>What it takes in memory: twice this in bytes, and a little.</summary>
    internal long Characters { get; }

    /// <param name="rows">Ordered by name.</param>
    /// <param name="members">Number of members of each row.</param>
    internal static MemberTable Of(IReadOnlyCollection<MemberRow> rows, int members) =>
        new([.. rows.Chunk(Filled).Select(some => new MemberBlock(some, members))], members);

    /// <returns>The name at a place, counted from 0; null behind the end.</returns>
    public string? NameAt(int place)
    {
        foreach (var block in Blocks)
        {
            if (place < block.Names.Count)
            {
                return block.Names[place];
            }

            place -= block.Names.Count;
        }

        return null;
    }

    internal MemberTable With(MemberRow row) => Changed(row.Name, row);

    internal MemberTable Without(string name) => Changed(name, null);

    private MemberTable Changed(string name, MemberRow? now)
    {
        var at = Math.Max(0, Search(Blocks.Length, i => MemberRow.Compare(Blocks[i].Names[0], name) <= 0) - 1);
        var rows = Blocks.IsEmpty ? [] : Enumerable.Range(0, Blocks[at].Names.Count).Select(Blocks[at].Row).ToList();
        var place = Search(rows.Count, i => MemberRow.Compare(rows[i].Name, name) < 0);
        if (place < rows.Count && rows[place].Name == name)
        {
            rows.RemoveAt(place);
        }

        if (now is { } row)
        {
            rows.Insert(place, row);
        }

        var parts = rows.Chunk(rows.Count > MemberBlock.Most ? MemberBlock.Most / 2 + 1 : MemberBlock.Most).Select(some => new MemberBlock(some, _members));
        return new((Blocks.IsEmpty ? Blocks : Blocks.RemoveAt(at)).InsertRange(at, parts), _members);
    }

    /// <returns>How many of the first elements are before something.</returns>
    private static int Search(int count, Predicate<int> isBefore)
    {
        var (low, high) = (0, count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = isBefore(middle) ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}

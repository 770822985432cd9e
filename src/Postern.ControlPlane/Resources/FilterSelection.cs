using System.Numerics;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources;

/// <summary>The resources that a filter may let through.</summary>
/// <param name="Rows">Bits of the rows, for each block of the table.</param>
/// <param name="IsExact">True when it lets all of them through, so that none needs to be read for that.</param>
internal sealed record FilterSelection(MemberTable Table, ulong[] Rows, int Count, bool IsExact)
{
    /// <summary>Their names, in order.</summary>
    public IReadOnlyList<string> Names(int skip, int top)
    {
        var names = new List<string>(Math.Min(top, Count));
        for (var i = 0; i < Rows.Length && names.Count < top; i++)
        {
            var here = BitOperations.PopCount(Rows[i]);
            if (skip >= here)
            {
                skip -= here;
                continue;
            }

            for (var rest = Rows[i]; rest != 0 && names.Count < top; rest &= rest - 1)
            {
                if (skip-- <= 0)
                {
                    names.Add(Table.Blocks[i].Names[BitOperations.TrailingZeroCount(rest)]);
                }
            }
        }

        return names;
    }
}

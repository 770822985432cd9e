namespace Postern.ControlPlane.Store;

/// <summary>A <see cref="ValueQuery"/> as the parameters of its statements.</summary>
internal static class ValueParameters
{
    /// <summary>Sorts after every text.</summary>
    private const string Last = "\U0010FFFF";

    public static (string Name, object? Value)[] Of(ValueQuery query)
    {
        var text = query.IsFlag ? query.Text : IndexedMembers.Fold(query.Text);
        (string, object?) collection = ("@collection", IndexedMembers.Key(query.RootId, query.Collection));
        (string, object?) member = ("@member", query.Member);
        return query.Match switch
        {
            ValueMatch.Equal => [collection, member, ("@text", text)],
            ValueMatch.StartsWith => [collection, member, ("@text", text), ("@beyond", text + Last)],
            ValueMatch.EndsWith => [collection, member, ("@text", "%" + Escaped(text))],
            _ => [collection, member, ("@text", $"%{Escaped(text)}%")],
        };
    }

    private static string Escaped(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
}

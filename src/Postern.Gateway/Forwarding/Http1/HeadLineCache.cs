using System.Text;

namespace Postern.Gateway.Forwarding.Http1;

/// <summary>
/// Remembers the strings of the last answer's header lines, by position. A backend says much the same in each answer on a connection, so most
/// lines are compared instead of decoded. Holds no more than the last head, and only short lines.
/// </summary>
internal sealed class HeadLineCache
{
    private const int Positions = 16;
    private const int LongestLine = 256;

    private readonly Line?[] _lines = new Line?[Positions];

    public (string Name, string Value) Get(int position, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (position >= Positions || name.Length + value.Length > LongestLine)
        {
            return (Decode(name), Decode(value));
        }

        var line = _lines[position] ??= new();
        if (!name.SequenceEqual(line.NameBytes))
        {
            line.NameBytes = name.ToArray();
            line.Name = Decode(name);
        }

        if (!value.SequenceEqual(line.ValueBytes.AsSpan(0, line.ValueLength)))
        {
            line.SetValue(value);
            line.Value = Decode(value);
        }

        return (line.Name, line.Value);
    }

    private static string Decode(ReadOnlySpan<byte> text) => Encoding.Latin1.GetString(text);

    private sealed class Line
    {
        public byte[] NameBytes = [];
        public string Name = "";
        public byte[] ValueBytes = [];
        public int ValueLength;
        public string Value = "";

        public void SetValue(ReadOnlySpan<byte> value)
        {
            if (ValueBytes.Length < value.Length)
            {
                ValueBytes = new byte[value.Length];
            }

            value.CopyTo(ValueBytes);
            ValueLength = value.Length;
        }
    }
}

using System.Buffers;
using System.Buffers.Text;

namespace Postern.Gateway.Caching.Redis;

/// <summary>
/// Replies of the Redis protocol (RESP 2) that our commands can have: statuses, errors, integers, values. Anything else, and anything longer
/// than was asked for, is a broken server.
/// </summary>
internal static class RespReader
{
    /// <summary>Bytes of a line: a status, an error, a number.</summary>
    private const int LongestLine = 4 * 1024;

    /// <param name="buffer">Begins after the reply when there was a whole one.</param>
    /// <param name="largest">Bytes of a value.</param>
    /// <returns>False when more bytes are needed.</returns>
    /// <exception cref="InvalidDataException">It is not a reply.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, int largest, out RespReply reply)
    {
        reply = default;
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryRead(out var kind))
        {
            return false;
        }

        if (!reader.TryReadTo(out ReadOnlySequence<byte> line, "\r\n"u8))
        {
            return buffer.Length <= LongestLine ? false : throw new InvalidDataException("A line of the server's answer has no end.");
        }

        if (line.Length > LongestLine)
        {
            throw new InvalidDataException("A line of the server's answer is too long.");
        }

        switch (kind)
        {
            case (byte)'+':
                reply = new(RespKind.Status, line.ToArray());
                break;
            case (byte)'-':
                reply = new(RespKind.Error, line.ToArray());
                break;
            case (byte)':':
                reply = new(RespKind.Integer, Number: Number(line));
                break;
            case (byte)'$':
                if (!TryReadValue(ref reader, Number(line), largest, out reply))
                {
                    return false;
                }

                break;
            default:
                throw new InvalidDataException("The server does not speak Redis' protocol.");
        }

        buffer = buffer.Slice(reader.Position);
        return true;
    }

    private static bool TryReadValue(ref SequenceReader<byte> reader, long length, int largest, out RespReply reply)
    {
        reply = new(RespKind.Nothing);
        if (length == -1)
        {
            return true;
        }

        if (length < 0 || length > largest)
        {
            throw new InvalidDataException("The server sends a value of a length that was not asked for.");
        }

        if (reader.Remaining < length + 2)
        {
            return false;
        }

        var value = reader.UnreadSequence.Slice(0, length).ToArray();
        reader.Advance(length);
        if (!reader.IsNext("\r\n"u8, advancePast: true))
        {
            throw new InvalidDataException("A value of the server's answer does not end where it should.");
        }

        reply = new(RespKind.Value, value);
        return true;
    }

    private static long Number(in ReadOnlySequence<byte> line)
    {
        Span<byte> digits = stackalloc byte[20];
        if (line.Length is 0 or > 20)
        {
            throw new InvalidDataException("A number of the server's answer is none.");
        }

        line.CopyTo(digits);
        digits = digits[..(int)line.Length];
        return Utf8Parser.TryParse(digits, out long number, out var used) && used == digits.Length
            ? number
            : throw new InvalidDataException("A number of the server's answer is none.");
    }
}

using System.Buffers.Binary;

namespace Postern.Gateway.Forwarding;

/// <summary>Follows the frames of one direction (RFC 6455 5.2) without touching them: tells where one ends, so that another can be put in.</summary>
internal sealed class WebSocketFrames
{
    private const int LongestHeader = 14;
    private const int Close = 0x8;

    private readonly byte[] _header = new byte[LongestHeader];
    private int _have;
    private ulong _payload;

    /// <summary>What was passed ends with a whole frame.</summary>
    public bool AtBoundary => _have == 0 && _payload == 0;

    /// <summary>The sender closed the WebSocket: nothing may follow.</summary>
    public bool HasClosed { get; private set; }

    public void Pass(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_payload > 0)
            {
                var part = (int)Math.Min((ulong)bytes.Length, _payload);
                _payload -= (ulong)part;
                bytes = bytes[part..];
                continue;
            }

            _header[_have++] = bytes[0];
            bytes = bytes[1..];
            if (_have >= 2 && _have == HeaderSize())
            {
                _payload = PayloadSize();
                HasClosed |= (_header[0] & 0xF) == Close;
                _have = 0;
            }
        }
    }

    /// <summary>A close frame with a status code.</summary>
    /// <param name="masked">As callers must send it, and servers must not.</param>
    public static byte[] CloseFrame(ushort status, bool masked)
    {
        byte[] frame = masked ? [0x88, 0x82, 0, 0, 0, 0, 0, 0] : [0x88, 0x02, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(^2..), status);
        if (masked)
        {
            var mask = frame.AsSpan(2, 4);
            System.Security.Cryptography.RandomNumberGenerator.Fill(mask);
            frame[6] ^= mask[0];
            frame[7] ^= mask[1];
        }

        return frame;
    }

    private int HeaderSize() => 2 + ((_header[1] & 0x7F) switch { 126 => 2, 127 => 8, _ => 0 }) + ((_header[1] & 0x80) == 0 ? 0 : 4);

    private ulong PayloadSize() => (_header[1] & 0x7F) switch
    {
        126 => BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(2)),
        127 => BinaryPrimitives.ReadUInt64BigEndian(_header.AsSpan(2)),
        var size => (ulong)size,
    };
}

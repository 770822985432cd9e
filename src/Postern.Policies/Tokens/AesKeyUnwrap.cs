using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Postern.Policies.Tokens;

/// <summary>AES key wrap without padding (RFC 3394), which the framework has only in its padded form.</summary>
internal static class AesKeyUnwrap
{
    private const ulong Check = 0xA6A6A6A6A6A6A6A6;

    /// <returns>Null when it was wrapped with another key.</returns>
    public static byte[]? Unwrap(byte[] key, byte[] wrapped)
    {
        if (wrapped.Length < 24 || wrapped.Length % 8 != 0)
        {
            return null;
        }

        using var aes = Aes.Create();
        aes.Key = key;
        var count = (wrapped.Length / 8) - 1;
        var check = BinaryPrimitives.ReadUInt64BigEndian(wrapped);
        var blocks = wrapped.AsSpan(8).ToArray();
        Span<byte> block = stackalloc byte[16];
        for (var round = 5; round >= 0; round--)
        {
            for (var i = count; i >= 1; i--)
            {
                var place = blocks.AsSpan((i - 1) * 8, 8);
                BinaryPrimitives.WriteUInt64BigEndian(block, check ^ (ulong)((count * round) + i));
                place.CopyTo(block[8..]);
                aes.DecryptEcb(block, block, PaddingMode.None);
                check = BinaryPrimitives.ReadUInt64BigEndian(block);
                block[8..].CopyTo(place);
            }
        }

        return check == Check ? blocks : null;
    }
}

using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;
using Postern.Gateway.State;

namespace Postern.Gateway.Backends;

/// <summary>
/// Session affinity: a cookie that leads back to the member that answered first. It is a random number with a digest of it and the member,
/// so that every gateway instance understands it without anything being shared or kept, and it tells outsiders nothing.
/// </summary>
internal sealed class PoolSession(string cookie, string poolId, IReadOnlyList<BackendState> members)
{
    private const int NumberSize = 12;
    private const int DigestSize = 12;

    /// <summary>Base64url of number and digest.</summary>
    private const int TokenLength = 32;

    private readonly byte[][] _names = [.. members.Select(member => Encoding.UTF8.GetBytes($"{poolId}\n{member.Id}".ToLowerInvariant()))];

    /// <returns>Null when the request has no such cookie, or one that is not of this pool.</returns>
    public BackendState? Find(StringValues cookies)
    {
        foreach (var header in cookies)
        {
            var rest = header.AsSpan();
            while (!rest.IsEmpty)
            {
                var end = rest.IndexOf(';');
                var pair = (end < 0 ? rest : rest[..end]).Trim();
                rest = end < 0 ? default : rest[(end + 1)..];
                if (pair.Length == cookie.Length + 1 + TokenLength && pair[cookie.Length] == '=' && pair.StartsWith(cookie, StringComparison.Ordinal)
                    && FindToken(pair[(cookie.Length + 1)..]) is { } member)
                {
                    return member;
                }
            }
        }

        return null;
    }

    /// <summary>The value of a <c>Set-Cookie</c> header that leads to <paramref name="member"/>.</summary>
    public string Issue(BackendState member, bool secure)
    {
        Span<byte> token = stackalloc byte[NumberSize + DigestSize];
        RandomNumberGenerator.Fill(token[..NumberSize]);
        Digest(token[..NumberSize], _names[IndexOf(member)], token[NumberSize..]);
        return $"{cookie}={Base64Url.EncodeToString(token)}; path=/; httponly{(secure ? "; secure" : "")}";
    }

    private BackendState? FindToken(ReadOnlySpan<char> text)
    {
        Span<byte> token = stackalloc byte[NumberSize + DigestSize];
        if (Base64Url.DecodeFromChars(text, token, out _, out var length) != OperationStatus.Done || length != token.Length)
        {
            return null;
        }

        Span<byte> digest = stackalloc byte[DigestSize];
        for (var i = 0; i < _names.Length; i++)
        {
            Digest(token[..NumberSize], _names[i], digest);
            if (digest.SequenceEqual(token[NumberSize..]))
            {
                return members[i];
            }
        }

        return null;
    }

    private int IndexOf(BackendState member)
    {
        var index = 0;
        while (members[index] != member)
        {
            index++;
        }

        return index;
    }

    private static void Digest(ReadOnlySpan<byte> number, byte[] name, Span<byte> digest)
    {
        Span<byte> whole = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(number, name, whole);
        whole[..DigestSize].CopyTo(digest);
    }
}

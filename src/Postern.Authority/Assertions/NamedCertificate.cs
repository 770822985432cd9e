using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Postern.Authority.Tenancy;
using Postern.Authority.Tokens;

namespace Postern.Authority.Assertions;

/// <summary>
/// Which registered certificate an assertion's header names: <c>x5t#S256</c>, <c>x5t</c>, a <c>kid</c> that is the thumbprint in
/// hexadecimal, or the leaf of <c>x5c</c>. Clients write thumbprints in both base64 alphabets, with and without padding, and some put line
/// breaks into <c>x5c</c>. The header only names: what isn't registered is not believed, whatever chain comes with it.
/// </summary>
internal static class NamedCertificate
{
    private const int MaxChain = 10;

    /// <returns>The certificate, if one is registered, and the name that was looked for; a null name when the header has none.</returns>
    public static (ClientCertificate? Certificate, string? Name) Find(CompactJws assertion, ImmutableArray<ClientCertificate> registered)
    {
        var header = assertion.Header;
        ClientCertificate? found = null;
        string? name = null;
        foreach (var hash in Hashes(header))
        {
            name ??= Convert.ToHexString(hash);
            var named = registered.FirstOrDefault(each => (hash.Length == 20 ? each.Sha1 : each.Sha256).AsSpan().SequenceEqual(hash));
            if (named is null || (found is not null && found != named))
            {
                // Names that contradict each other, or one that is unknown beside one that is known.
                return (null, Convert.ToHexString(hash));
            }

            found = named;
        }

        return (found, name);
    }

    private static IEnumerable<byte[]> Hashes(JsonElement header)
    {
        if (Decode(CompactJws.Text(header, "x5t#S256")) is { Length: 32 } sha256)
        {
            yield return sha256;
        }

        if (Decode(CompactJws.Text(header, "x5t")) is { Length: 20 } sha1)
        {
            yield return sha1;
        }

        if (Leaf(header) is { } leaf)
        {
            yield return SHA256.HashData(leaf);
        }

        // A kid beside x5t is whatever the client likes; alone, older libraries write the thumbprint there.
        if (!header.TryGetProperty("x5t", out _) && !header.TryGetProperty("x5t#S256", out _) && !header.TryGetProperty("x5c", out _)
            && CompactJws.Text(header, "kid") is { Length: 40 } kid && kid.All(char.IsAsciiHexDigit))
        {
            yield return Convert.FromHexString(kid);
        }
    }

    private static byte[]? Leaf(JsonElement header) =>
        header.TryGetProperty("x5c", out var chain)
            ? chain.ValueKind switch
            {
                JsonValueKind.Array when chain.GetArrayLength() is > 0 and <= MaxChain && chain[0].ValueKind == JsonValueKind.String => Decode(chain[0].GetString()),
                JsonValueKind.String => Decode(chain.GetString()),
                _ => null,
            }
            : null;

    private static byte[]? Decode(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var plain = string.Concat(text.Where(letter => !char.IsWhiteSpace(letter))).Replace('-', '+').Replace('_', '/').TrimEnd('=');
        plain = plain.PadRight((plain.Length + 3) / 4 * 4, '=');
        var bytes = new byte[plain.Length / 4 * 3];
        return Convert.TryFromBase64String(plain, bytes, out var length) ? bytes[..length] : null;
    }
}

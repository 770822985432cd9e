using System.Text;
using System.Text.Json;

namespace Postern.Policies.Tokens;

/// <summary>A JSON web token in compact form, taken apart but not believed: three parts when signed, five when encrypted.</summary>
internal sealed class CompactToken
{
    /// <summary>Characters. More than any header takes; tokens from expressions are bounded by it too.</summary>
    public const int Longest = 64 * 1024;

    private readonly string[] _parts;
    private readonly JsonElement _header;

    private CompactToken(string[] parts, JsonElement header, string algorithm)
    {
        _parts = parts;
        _header = header;
        Algorithm = algorithm;
        KeyId = TokenText.Member(header, "kid");
        Thumbprint = TokenText.Member(header, "x5t");
    }

    public string Algorithm { get; }

    public string? KeyId { get; }

    /// <summary>SHA-1 thumbprint of the signer's certificate, Base64url.</summary>
    public string? Thumbprint { get; }

    public string? ContentEncryption => TokenText.Member(_header, "enc");

    public bool IsEncrypted => _parts.Length == 5;

    /// <summary>The token itself, to be shown to expressions.</summary>
    public string Text => string.Join('.', _parts);

    public bool HasSignature => !IsEncrypted && _parts[2].Length > 0;

    /// <summary>What the signature, or the authentication tag of an encrypted token, covers.</summary>
    public byte[] Protected => Encoding.ASCII.GetBytes(IsEncrypted ? _parts[0] : $"{_parts[0]}.{_parts[1]}");

    /// <summary>Part by index, decoded; null when it is not Base64url.</summary>
    public byte[]? Part(int index) => TokenText.Bytes(_parts[index]);

    /// <returns>Null when it is no such token; a token with extensions that must be understood is none that we understand.</returns>
    public static CompactToken? Parse(string? text)
    {
        if (text is null or { Length: 0 or > Longest } || text.Split('.') is not { Length: 3 or 5 } parts
            || TokenText.Bytes(parts[0]) is not { } headerBytes || TokenText.Object(headerBytes) is not { } header
            || TokenText.Member(header, "alg") is not { Length: > 0 and <= 32 } algorithm
            || header.TryGetProperty("crit", out _) || header.TryGetProperty("zip", out _) || header.TryGetProperty("b64", out _))
        {
            return null;
        }

        return new(parts, header, algorithm);
    }
}

using System.Security.Cryptography;

namespace Postern.Policies.Expressions;

/// <summary>Ciphers by name. A fixed list: the framework's own look-up would create any type it is given the name of.</summary>
internal static class SymmetricAlgorithms
{
    public static SymmetricAlgorithm Create(string name) => name.ToUpperInvariant() switch
    {
        "AES" or "SYSTEM.SECURITY.CRYPTOGRAPHY.AES" or "AESMANAGED" or "RIJNDAEL" => Aes.Create(),
        "3DES" or "TRIPLEDES" or "TRIPLE DES" => TripleDES.Create(),
        _ => throw new CryptographicException($"Cipher '{name}' is not available. Available: AES, TripleDES."),
    };
}

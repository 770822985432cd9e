using System.Security.Cryptography;
using System.Text;
using Postern.Authority.Tenancy;

namespace Postern.Authority.ManagedIdentity;

/// <summary>
/// With what a resource asks for its identity's tokens. In Azure the network tells who asks; here the header <c>X-IDENTITY-HEADER</c> does:
/// the principal's object id and 256 random bits, of which the directory keeps a hash.
/// </summary>
internal static class ManagedIdentityKey
{
    public static (string Text, byte[] Hash) Make(string objectId)
    {
        var text = $"{objectId}.{RandomNumberGenerator.GetHexString(64, lowercase: true)}";
        return (text, Hash(text));
    }

    /// <returns>The identity whose key this is.</returns>
    public static ServicePrincipal? Find(string text, DirectoryState directory)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var principal = dot > 0 ? directory.Principals.GetValueOrDefault(text[..dot]) : null;
        return principal is { Kind: PrincipalKind.ManagedIdentity, Enabled: true, IdentityKey: { } hash }
            && CryptographicOperations.FixedTimeEquals(hash, Hash(text))
            ? principal
            : null;
    }

    /// <summary>One round is enough: there is nothing to guess in 256 random bits.</summary>
    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

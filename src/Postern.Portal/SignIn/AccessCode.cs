using System.Security.Cryptography;
using System.Text;

namespace Postern.Portal.SignIn;

/// <summary>
/// What signs a reader in. Compared by hash in constant time, so neither its length nor its start can be found out by measuring.
/// Guessing is hopeless by its length; there is no lock-out that somebody else could use to keep readers out.
/// </summary>
internal sealed class AccessCode(string code)
{
    private readonly byte[] _hash = Hash(code);

    public bool Matches(string? offered) => offered is not null && CryptographicOperations.FixedTimeEquals(_hash, Hash(offered.Trim()));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

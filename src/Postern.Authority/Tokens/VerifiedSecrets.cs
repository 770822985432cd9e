using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Postern.Authority.Tokens;

/// <summary>
/// Remembers which secret was already found to match which stored one, so that PBKDF2 is paid once per secret and process. Holds MACs
/// under a key of this process, never secrets. A removed secret is refused all the same: the caller looks the key id up afterwards.
/// </summary>
internal sealed class VerifiedSecrets
{
    private const int Capacity = 10_000;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, string> _keyIds = new(StringComparer.Ordinal);

    /// <returns>Key id of the stored secret that this one matched before.</returns>
    public string? Find(string owner, string secret) => _keyIds.GetValueOrDefault(Mark(owner, secret));

    public void Add(string owner, string secret, string keyId)
    {
        if (_keyIds.Count >= Capacity)
        {
            _keyIds.Clear();
        }

        _keyIds[Mark(owner, secret)] = keyId;
    }

    private string Mark(string owner, string secret) =>
        Convert.ToBase64String(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{owner}\n{secret}")));
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Postern.Authority.Tenancy;

/// <summary>A secret as it is kept: PBKDF2 with HMAC-SHA512, a salt of its own, and its own number of rounds, so that rounds can grow.</summary>
internal sealed record SecretHash(int Rounds, byte[] Salt, byte[] Hash)
{
    /// <summary>OWASP's advice for PBKDF2-HMAC-SHA512.</summary>
    public const int DefaultRounds = 210_000;

    /// <summary>For secrets made here of 40 random characters: no number of rounds makes them harder to guess.</summary>
    public const int RandomRounds = 5_000;

    private const string Scheme = "pbkdf2-sha512";

    /// <summary>Stands in where there is no such application, so that the answer takes as long as for one that exists.</summary>
    public static SecretHash Nobody(int rounds) => new(rounds, new byte[16], new byte[32]);

    public static SecretHash Of(string secret, int rounds)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        return new(rounds, salt, Derive(secret, salt, rounds));
    }

    public bool Matches(string secret) => CryptographicOperations.FixedTimeEquals(Derive(secret, Salt, Rounds), Hash);

    public static SecretHash Parse(string text)
    {
        var parts = text.Split('$');
        return parts is [Scheme, var rounds, var salt, var hash]
            ? new(int.Parse(rounds, CultureInfo.InvariantCulture), Convert.FromBase64String(salt), Convert.FromBase64String(hash))
            : throw new FormatException("A stored secret has an unknown form.");
    }

    public string Format() =>
        string.Create(CultureInfo.InvariantCulture, $"{Scheme}${Rounds}${Convert.ToBase64String(Salt)}${Convert.ToBase64String(Hash)}");

    /// <summary>Never the hash itself: records print their members.</summary>
    public override string ToString() => Scheme;

    private static byte[] Derive(string secret, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(secret), salt, rounds, HashAlgorithmName.SHA512, 32);
}

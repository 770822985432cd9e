using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Postern.Policies.Tokens;

namespace Postern.Policies.Tests.Tokens;

public sealed class EncryptedTokenTests
{
    /// <summary>RFC 7516, appendix A.3.</summary>
    private const string KeyWrapped =
        "eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ." +
        "AxY8DCtDaGlsbGljb3RoZQ.KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.U0m_YmjN04DJvceFICbCVQ";

    private static readonly byte[] WrappingKey = Base64Url.DecodeFromChars("GawgguFyGrWKav7AX4VKUg");

    [Fact]
    public void The_standards_example_opens()
    {
        var content = TokenDecryption.Open(CompactToken.Parse(KeyWrapped)!, [new(WrappingKey, null)]);

        Assert.Equal("Live long and prosper.", Encoding.UTF8.GetString(content!));
    }

    [Fact]
    public void A_wrapped_key_of_the_standard_is_unwrapped() => Assert.Equal(
        Convert.FromHexString("00112233445566778899AABBCCDDEEFF"),
        AesKeyUnwrap.Unwrap(Convert.FromHexString("000102030405060708090A0B0C0D0E0F"), Convert.FromHexString("1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5")));

    [Fact]
    public void No_part_may_be_touched()
    {
        var parts = KeyWrapped.Split('.');
        for (var i = 0; i < parts.Length; i++)
        {
            var touched = (string[])[.. parts];
            touched[i] = (touched[i][0] == 'A' ? 'B' : 'A') + touched[i][1..];
            var token = CompactToken.Parse(string.Join('.', touched));

            Assert.True(token is null || TokenDecryption.Open(token, [new(WrappingKey, null)]) is null, $"part {i}");
        }
    }

    [Theory]
    [InlineData("RSA-OAEP", "A256GCM", 32)]
    [InlineData("RSA-OAEP-256", "A128GCM", 16)]
    public void A_certificate_opens_what_was_encrypted_for_it(string algorithm, string encryption, int bytes)
    {
        using var rsa = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=gateway", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        var key = RandomNumberGenerator.GetBytes(bytes);
        var header = Encoded($$"""{"alg":"{{algorithm}}","enc":"{{encryption}}"}""");
        var (nonce, cipher, tag) = (new byte[12], new byte[5], new byte[16]);
        using (var aes = new AesGcm(key, 16))
        {
            aes.Encrypt(nonce, "hello"u8, cipher, tag, Encoding.ASCII.GetBytes(header));
        }

        var padding = algorithm == "RSA-OAEP" ? RSAEncryptionPadding.OaepSHA1 : RSAEncryptionPadding.OaepSHA256;
        var token = CompactToken.Parse($"{header}.{Encoded(rsa.Encrypt(key, padding))}.{Encoded(nonce)}.{Encoded(cipher)}.{Encoded(tag)}");

        Assert.Equal("hello"u8.ToArray(), TokenDecryption.Open(token!, [new(WrappingKey, null), new(certificate, null)]));
        Assert.Null(TokenDecryption.Open(token!, [new(WrappingKey, null)]));
    }

    [Theory]
    [InlineData("RSA1_5")]
    [InlineData("none")]
    [InlineData("ECDH-ES")]
    public void Other_algorithms_are_refused(string algorithm) => Assert.Null(new DecryptionKey(WrappingKey, null).ContentKey(algorithm, []));

    private static string Encoded(string text) => Encoded(Encoding.UTF8.GetBytes(text));

    private static string Encoded(byte[] bytes) => Base64Url.EncodeToString(bytes);
}

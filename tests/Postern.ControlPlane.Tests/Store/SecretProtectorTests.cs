using System.Security.Cryptography;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Tests.Store;

public sealed class SecretProtectorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("postern-key-").FullName;
    private readonly string _keyFile;

    public SecretProtectorTests() => _keyFile = Path.Combine(_folder, "keys", "store.key");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_secret_comes_back_also_after_a_restart()
    {
        using var first = SecretProtector.FromKeyFile(_keyFile);
        var stored = first.Protect("s3cret", "/a/b#value");

        using var second = SecretProtector.FromKeyFile(_keyFile);

        Assert.DoesNotContain("s3cret", stored, StringComparison.Ordinal);
        Assert.Equal("s3cret", second.Reveal(stored, "/A/B#value"));
    }

    [Fact]
    public void A_secret_moved_to_another_place_or_changed_does_not_decrypt()
    {
        using var protector = SecretProtector.FromKeyFile(_keyFile);
        var stored = protector.Protect("s3cret", "/a");
        var bytes = Convert.FromBase64String(stored);
        bytes[^1] ^= 1;

        Assert.ThrowsAny<CryptographicException>(() => protector.Reveal(stored, "/b"));
        Assert.ThrowsAny<CryptographicException>(() => protector.Reveal(Convert.ToBase64String(bytes), "/a"));
    }

    [Fact]
    public void The_key_file_is_for_its_owner_only()
    {
        using var protector = SecretProtector.FromKeyFile(_keyFile);

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_keyFile));
        }
    }

    [Fact]
    public void A_key_file_with_something_else_in_it_is_refused_by_name()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_keyFile)!);
        File.WriteAllText(_keyFile, "not a key");

        var error = Assert.Throws<InvalidDataException>(() => SecretProtector.FromKeyFile(_keyFile));
        Assert.Contains(_keyFile, error.Message, StringComparison.Ordinal);
    }
}

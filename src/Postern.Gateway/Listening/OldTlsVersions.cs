using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Postern.Gateway.Listening;

/// <summary>
/// TLS 1.0 and 1.1 sign handshakes with SHA-1, which OpenSSL 3 does at security level 0 only. The level is the process's, and there is no
/// other way to it than OpenSSL's configuration; what handshakes offer is still decided one by one.
/// </summary>
public static partial class OldTlsVersions
{
    private const string Configuration = """
        postern = modules
        [modules]
        ssl_conf = ssl
        [ssl]
        system_default = all
        [all]
        CipherString = DEFAULT@SECLEVEL=0

        """;

    /// <summary>To be called before the first secure connection: OpenSSL reads this without locks.</summary>
    /// <returns>False where OpenSSL is not what the platform uses, or is another one.</returns>
    public static bool Allow()
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        // The platform loads OpenSSL and its own configuration on first use; ours comes after that.
        SHA256.HashData(Encoding.ASCII.GetBytes(Configuration));
        try
        {
            return Load();
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    private static bool Load()
    {
        var text = Encoding.ASCII.GetBytes(Configuration);
        var source = BIO_new_mem_buf(text, text.Length);
        var parsed = NCONF_new(0);
        try
        {
            return NCONF_load_bio(parsed, source, out _) > 0 && CONF_modules_load(parsed, "postern", 0) > 0;
        }
        finally
        {
            NCONF_free(parsed);
            _ = BIO_free(source);
        }
    }

    [LibraryImport("libcrypto.so.3")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint BIO_new_mem_buf(byte[] text, int length);

    [LibraryImport("libcrypto.so.3")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int BIO_free(nint bio);

    [LibraryImport("libcrypto.so.3")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint NCONF_new(nint method);

    [LibraryImport("libcrypto.so.3")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void NCONF_free(nint configuration);

    [LibraryImport("libcrypto.so.3")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int NCONF_load_bio(nint configuration, nint bio, out nint errorLine);

    [LibraryImport("libcrypto.so.3", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CONF_modules_load(nint configuration, string section, nuint flags);
}

using System.Reflection;
using System.Runtime.InteropServices;

namespace Postern.Hosting;

/// <summary>
/// Chooses the native SQLite: the system's own where it is new enough, because it gets security fixes with the system, else the one
/// that is bundled. Process-wide by nature: a process loads one SQLite.
/// </summary>
public static class SqliteLibrary
{
    /// <summary>3.35: the first with RETURNING and DROP COLUMN; also the bundled version.</summary>
    private const int LeastVersion = 3_035_000;

    private static readonly Lazy<string> Chosen = new(Choose);

    /// <summary>Makes SQLite ready; to be called before a connection is made, as often as wanted.</summary>
    /// <returns>The name of the library in use, for logs.</returns>
    public static string Use() => Chosen.Value;

    private static string Choose()
    {
        var provider = typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly;
        var system = FindSystem(provider, out var name);
        if (system != 0)
        {
            NativeLibrary.SetDllImportResolver(provider, (library, _, _) => library == "e_sqlite3" ? system : 0);
        }

        SQLitePCL.Batteries_V2.Init();
        return name;
    }

    private static nint FindSystem(Assembly provider, out string name)
    {
        foreach (var candidate in (string[])["libsqlite3.so.0", "libsqlite3.dylib", "winsqlite3.dll"])
        {
            if (NativeLibrary.TryLoad(candidate, provider, DllImportSearchPath.SafeDirectories, out var handle))
            {
                if (IsNewEnough(handle))
                {
                    name = candidate;
                    return handle;
                }

                NativeLibrary.Free(handle);
            }
        }

        name = "bundled";
        return 0;
    }

    private static bool IsNewEnough(nint library) =>
        NativeLibrary.TryGetExport(library, "sqlite3_libversion_number", out var function)
        && Marshal.GetDelegateForFunctionPointer<VersionNumber>(function)() >= LeastVersion;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int VersionNumber();
}

namespace Postern.Up;

/// <summary>Where <c>postern up</c> keeps everything it made: delete it (or <c>--reset</c>) and nothing is left.</summary>
internal sealed record UpFolder(string Path)
{
    public string Identity => In("identity.json");

    public string Connection => In("connection.env");

    public string Certificates => In("certificates");

    public string AuthorityData => In("authority");

    public string ControlPlaneDatabase => In("control-plane.db");

    public string ControlPlaneKey => In("control-plane.key");

    public string GatewayBackup => In("gateway");

    /// <summary>Creates the folder, readable by its owner only.</summary>
    public void Create()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Path);
        }
        else
        {
            Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Directory.CreateDirectory(GatewayBackup);
    }

    /// <summary>Removes what an earlier start made.</summary>
    /// <exception cref="InvalidOperationException">The folder holds other things and no sign of ours.</exception>
    public void Reset()
    {
        if (!Directory.Exists(Path))
        {
            return;
        }

        if (!File.Exists(Identity) && Directory.EnumerateFileSystemEntries(Path).Any())
        {
            throw new InvalidOperationException($"{Path} was not made by 'postern up' (it has no identity.json), so --reset leaves it alone.");
        }

        Directory.Delete(Path, recursive: true);
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}

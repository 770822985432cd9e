using System.Text;

namespace Postern.Configuration.Folder;

/// <summary>
/// Reads what is in the folder and nothing else: symbolic links are followed as long as they stay inside. Files that are too big, not text
/// or not readable become problems.
/// </summary>
internal sealed class FolderFiles
{
    /// <summary>What the management API takes with a definition.</summary>
    public const int LargestFile = 10 * 1024 * 1024;

    private const int MostEntries = 2_000_000;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _root;
    private int _entries;

    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public FolderFiles(string folder)
    {
        var directory = new DirectoryInfo(folder);
        if (!directory.Exists)
        {
            throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
        }

        _root = Path.TrimEndingDirectorySeparator(Real(directory.FullName));
    }

    public List<FolderProblem> Problems { get; } = [];

    /// <summary>Names of the folders in a folder, in ordinal order; hidden ones are left out.</summary>
    public IReadOnlyList<string> Folders(string folder) => Entries(folder, directories: true);

    public IReadOnlyList<string> Files(string folder) => Entries(folder, directories: false);

    public bool Exists(string file) => File.Exists(Full(file)) && IsInside(file);

    /// <returns>Null when it can't be read; then <see cref="Problems"/> says why.</returns>
    public string? Read(string file)
    {
        if (!IsInside(file))
        {
            return null;
        }

        try
        {
            using var stream = File.OpenRead(Full(file));
            if (stream.Length > LargestFile)
            {
                Problems.Add(new(file, null, $"is larger than {LargestFile / (1024 * 1024)} MiB."));
                return null;
            }

            using var reader = new StreamReader(stream, Strict, detectEncodingFromByteOrderMarks: true);
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException)
        {
            Problems.Add(new(file, null, "is not UTF-8 text."));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Problems.Add(new(file, null, failure.Message));
        }

        return null;
    }

    public static string Join(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";

    private string Full(string path) => Path.Combine(_root, path.Replace('/', Path.DirectorySeparatorChar));

    private List<string> Entries(string folder, bool directories)
    {
        var full = new DirectoryInfo(Full(folder));
        if (!full.Exists || !IsInside(folder))
        {
            return [];
        }

        var entries = directories ? full.EnumerateDirectories().Cast<FileSystemInfo>() : full.EnumerateFiles();
        var names = entries.Select(entry => entry.Name).Where(name => !name.StartsWith('.')).Order(StringComparer.Ordinal).ToList();
        _entries += names.Count;
        return _entries > MostEntries ? throw new InvalidDataException($"The folder has more than {MostEntries} entries.") : names;
    }

    private bool IsInside(string path)
    {
        var real = Real(Full(path));
        if (real == _root || real.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            return true;
        }

        var problem = new FolderProblem(path, null, "is a link that leads out of the folder; it is not followed.");
        if (!Problems.Contains(problem))
        {
            Problems.Add(problem);
        }

        return false;
    }

    /// <summary>The path without symbolic links, wherever in it they are.</summary>
    private static string Real(string path)
    {
        var result = Path.GetPathRoot(path)!;
        foreach (var part in path[result.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(result, part);
            FileSystemInfo info = Directory.Exists(next) ? new DirectoryInfo(next) : new FileInfo(next);
            result = info.LinkTarget is null ? next : info.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? next;
        }

        return result;
    }
}

namespace Postern.Testing;

/// <summary>A document in the repository that code generates.</summary>
public static class GeneratedDocument
{
    /// <summary>The repository's folder.</summary>
    public static string Root { get; } = Find();

    /// <summary>Compares the file with what the code says; with <c>POSTERN_WRITE_DOCS=1</c> writes it instead.</summary>
    /// <exception cref="InvalidOperationException">The file is stale.</exception>
    public static void Check(string path, string expected)
    {
        var file = Path.Combine(Root, path);
        if (Environment.GetEnvironmentVariable("POSTERN_WRITE_DOCS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, expected);
            return;
        }

        if (!File.Exists(file) || File.ReadAllText(file) != expected)
        {
            throw new InvalidOperationException($"{path} is not what the code says: run its test once with POSTERN_WRITE_DOCS=1 and commit the file.");
        }
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Postern.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("Tests run inside the repository.");
    }
}

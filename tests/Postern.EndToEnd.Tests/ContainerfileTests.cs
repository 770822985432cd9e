using Postern.Testing;

namespace Postern.EndToEnd.Tests;

public sealed class ContainerfileTests
{
    /// <summary>The image's first step restores with a few files only; one that is missing there changes what is built without a word.</summary>
    [Fact]
    public void All_files_that_restoring_reads_are_copied_before_it()
    {
        var before = File.ReadAllText(Path.Combine(GeneratedDocument.Root, "Containerfile")).Split("dotnet restore")[0];
        var root = Directory.EnumerateFiles(GeneratedDocument.Root, "Directory.*").Select(file => Path.GetFileName(file)).Append("global.json");
        var projects = Directory.EnumerateFiles(Path.Combine(GeneratedDocument.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(GeneratedDocument.Root, file));
        Assert.All(root.Concat(projects), file => Assert.Contains($" {file} ", before, StringComparison.Ordinal));
    }
}

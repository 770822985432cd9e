using System.Text.Json;
using Postern.Testing;

namespace Postern.EndToEnd.Tests;

public sealed class LockFileTests
{
    /// <summary>The image for x64 is restored with a lock file of its own, which nobody looks at when packages change.</summary>
    [Fact]
    public void The_image_has_the_packages_that_are_tested()
    {
        Assert.Equal(Packages("packages.lock.json"), Packages("packages.linux-x64.lock.json"));
    }

    private static string Packages(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(GeneratedDocument.Root, "src/Postern", file)));
        return document.RootElement.GetProperty("dependencies").GetProperty("net10.0").GetRawText();
    }
}

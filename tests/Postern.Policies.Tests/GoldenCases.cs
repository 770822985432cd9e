using Postern.Policies.Testing;

namespace Postern.Policies.Tests;

public sealed class GoldenCases
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Cases");

    public static TheoryData<string> Files() =>
        [.. Directory.EnumerateFiles(Folder, "*.case", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Folder, file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_case_does_as_its_file_says(string file)
    {
        var failures = await PolicyCaseRunner.RunAsync(PolicyCase.Load(Path.Combine(Folder, file)));
        Assert.True(failures.Count == 0, $"{file}\n{string.Join('\n', failures)}");
    }
}

using Postern.Policies.Expressions;
using Postern.Policies.Language;

namespace Postern.Policies.Tests;

/// <summary>Run with POSTERN_WRITE_DOCS=1 to bring the generated parts up to date.</summary>
public sealed class ReferencePages
{
    private static readonly string Root = FindRoot();
    private static readonly bool Write = Environment.GetEnvironmentVariable("POSTERN_WRITE_DOCS") == "1";

    public static TheoryData<string> Policies() => [.. PolicyCatalogue.All.Select(definition => definition.Syntax.Name)];

    [Theory]
    [MemberData(nameof(Policies))]
    public void The_page_of_a_policy_says_what_its_record_says(string name) =>
        Compare($"docs/policies/{name}.md", ReferencePage.For(PolicyCatalogue.Find(name)!), ReferencePage.HandWritten);

    [Fact]
    public void The_page_of_expressions_lists_the_allowed_types() =>
        Compare("docs/policies/expressions.md", $"# Types that expressions may use\n\n{ExpressionPage.Types()}\n", ReferencePage.HandWritten);

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_policy_has_at_least_six_cases(string name)
    {
        if (PolicyCatalogue.Find(name)!.Syntax.PartOnly)
        {
            return;
        }

        var folder = Path.Combine(AppContext.BaseDirectory, "Cases", name);
        Assert.True(Directory.Exists(folder) && Directory.GetFiles(folder, "*.case").Length >= 6, $"Cases/{name} needs six cases");
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_policy_has_a_benchmark_and_a_budget(string name)
    {
        // The check of budgets refuses a line that nothing is measured for, so a line is a benchmark.
        var lines = File.ReadLines(Path.Combine(Root, "bench/Postern.Bench/budgets.txt"));
        Assert.Contains(lines, line => line.StartsWith($"every policy: {name} ", StringComparison.Ordinal));
    }

    private static void Compare(string path, string generated, string handWritten)
    {
        var file = Path.Combine(Root, path);
        var text = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        var cut = text.IndexOf($"\n{handWritten}", StringComparison.Ordinal);
        var expected = cut < 0 ? $"{generated.TrimEnd()}\n" : $"{generated.TrimEnd()}\n{text[cut..]}";
        if (Write && text != expected)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, expected);
            return;
        }

        Assert.True(text == expected, $"{path} is not current: run the tests with POSTERN_WRITE_DOCS=1");
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Postern.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The repository's root was not found.");
        }

        return folder;
    }
}

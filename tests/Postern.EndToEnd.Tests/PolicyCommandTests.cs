using Postern.Testing;

namespace Postern.EndToEnd.Tests;

/// <summary>Policies checked and tested on a laptop, without a service.</summary>
public sealed class PolicyCommandTests
{
    private static readonly string Sample = Path.Combine(GeneratedDocument.Root, "samples/contoso");

    [Fact]
    public async Task The_samples_documents_are_clean_and_their_cases_pass()
    {
        var documents = Directory.GetFiles(Path.Combine(Sample, "policies"), "*.xml");
        Assert.Equal((0, ""), await RunAsync(["check", .. documents]));
        var (code, output) = await RunAsync(["test", Sample]);
        Assert.Equal(0, code);
        Assert.EndsWith("2 passed, 0 failed", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_document_is_told_with_file_line_and_column()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.In("wrong.xml"), "<policies>\n  <inbound>\n    <set-heder name=\"x\" />\n    <rate-limit calls=\"{{limit}}\" renewal-period=\"60\" />\n  </inbound>\n</policies>");
        var (code, output) = await RunAsync(["check", folder.In("wrong.xml")]);
        Assert.Equal(1, code);
        Assert.Contains("wrong.xml:3:", output, StringComparison.Ordinal);
        Assert.Contains("set-header", output, StringComparison.Ordinal);
        Assert.Contains("wrong.xml:4:", output, StringComparison.Ordinal);
        Assert.Contains("limit", output, StringComparison.Ordinal);
        Assert.Single((await RunAsync(["check", folder.In("wrong.xml"), "--named-value", "limit=5"])).Output.Split('\n'));
        Assert.Equal(1, (await RunAsync(["check", folder.In("absent.xml")])).Code);
    }

    [Fact]
    public async Task A_failing_case_is_told_with_what_was_expected_and_what_was()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.In("one.case"), "A wrong expectation\n--- policy\n<inbound><return-response><set-status code=\"204\" /></return-response></inbound>\n--- request\nGET /\n--- response\n200\n");
        var (code, output) = await RunAsync(["test", folder.Path]);
        Assert.Equal(1, code);
        Assert.Contains("one.case", output, StringComparison.Ordinal);
        Assert.Contains("204", output, StringComparison.Ordinal);
        Assert.EndsWith("0 passed, 1 failed", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_cases_is_a_failure()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(1, (await RunAsync(["test", folder.Path])).Code);
        Assert.Equal(1, (await RunAsync(["test", folder.In("nowhere")])).Code);
    }

    private static async Task<(int Code, string Output)> RunAsync(IReadOnlyList<string> arguments)
    {
        await using var process = PosternProcess.Start(["policy", .. arguments]);
        return (await process.ExitAsync(), process.Output.Trim());
    }
}

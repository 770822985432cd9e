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
        Assert.Equal((0, $"{documents.Length} checked, 0 problems"), await RunAsync(["check", .. documents]));
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
        Assert.Contains(" [inbound\\set-heder[1]]", output, StringComparison.Ordinal);
        Assert.Contains("1 checked, 3 problems", output, StringComparison.Ordinal);
        Assert.EndsWith("1 checked, 1 problem", (await RunAsync(["check", folder.In("wrong.xml"), "--named-value", "limit=5"])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fragments_are_checked_as_such_and_go_by_their_file_names()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.In("api.xml"), "<policies><inbound><include-fragment fragment-id=\"{{which}}\" /></inbound></policies>");
        await File.WriteAllTextAsync(folder.In("mine.xml"), "<!-- ours -->\n<fragment><set-method>POST</set-method></fragment>");
        await File.WriteAllTextAsync(folder.In("else.txt"), "<fragment><base /></fragment>");

        Assert.Equal((0, "2 checked, 0 problems"), await RunAsync(["check", folder.Path, "--named-value", "which=Mine"]));
        var (code, output) = await RunAsync(["check", folder.In("api.xml"), "--named-value", "which=other", "--fragment", $"other={folder.In("else.txt")}"]);
        Assert.Equal(1, code);
        Assert.Contains("api.xml:1:20: P118 Policy fragment 'other', line 1, column 11: <base /> may only be a direct child of a section. (P124)", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("there is no such file", "check", "{0}/absent.xml")]
    [InlineData("there is no *.xml file in this folder", "check", "{0}")]
    [InlineData("P100", "check", "{0}/binary")]
    [InlineData("write it as name=value", "check", "{0}/binary", "--named-value", "limit")]
    [InlineData("'a' is given twice", "check", "{0}/binary", "--named-value", "a=1", "--named-value", "a=2")]
    [InlineData("there is no such file", "check", "{0}/binary", "--fragment", "f={0}/absent.xml")]
    [InlineData("there is no such file or folder", "test", "{0}/absent")]
    [InlineData("there is no *.case file in this folder", "test", "{0}")]
    [InlineData("the case expects nothing", "test", "{0}/binary")]
    public async Task What_cant_be_used_is_named_and_fails(string words, string command, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.In("binary"), [0, 1, 2, 0xFF, 0xFE, 0x3C, 0x00]);

        var (code, output) = await RunAsync([command, .. arguments.Select(argument => argument.Replace("{0}", folder.Path, StringComparison.Ordinal))]);

        Assert.Equal(1, code);
        Assert.Contains(words, output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", output, StringComparison.Ordinal);
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

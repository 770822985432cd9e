using System.Text;
using Postern.Hosting;
using Postern.Testing;

namespace Postern.EndToEnd.Tests;

/// <summary>Documents that name code are generated from it or checked against it. <c>POSTERN_WRITE_DOCS=1</c> writes the generated ones.</summary>
public sealed class DocumentTests
{
    [Fact]
    public void Diagnostics_md_is_current() => GeneratedDocument.Check("docs/diagnostics.md", Diagnostics());

    [Fact]
    public void Diagnostic_ids_are_unique_and_in_their_range()
    {
        var all = AllDiagnostics().SelectMany(group => group.Entries.Select(entry => (group.Letter, entry))).ToList();
        Assert.Equal(all.Count, all.Select(one => one.entry.Id).Distinct().Count());
        Assert.All(all, one => Assert.Matches($"^{one.Letter}[0-9]{{2}}$", one.entry.Id));
        Assert.All(all, one => Assert.False(string.IsNullOrWhiteSpace(one.entry.Cause) || string.IsNullOrWhiteSpace(one.entry.Cure), one.entry.Id));
    }

    [Fact]
    public void Links_in_documents_lead_somewhere()
    {
        var root = GeneratedDocument.Root;
        foreach (var file in Directory.EnumerateFiles(root, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories)))
        {
            foreach (System.Text.RegularExpressions.Match link in System.Text.RegularExpressions.Regex.Matches(File.ReadAllText(file), @"\]\((?!https?:|#)([^)#]+)"))
            {
                var target = Path.Combine(Path.GetDirectoryName(file)!, link.Groups[1].Value);
                Assert.True(File.Exists(target) || Directory.Exists(target), $"{Path.GetRelativePath(root, file)} links to {link.Groups[1].Value}, which is not there.");
            }
        }
    }

    private static IEnumerable<(string Letter, string Title, IReadOnlyList<DiagnosticEntry> Entries)> AllDiagnostics() =>
    [
        ("P1", "Policies", Policies.PolicyDiagnostics.All.Select(entry => new DiagnosticEntry(entry.Id, entry.Title, entry.Cause, entry.Cure)).ToList()),
        ("G2", "Gateway", Gateway.GatewayDiagnostics.All),
        ("C3", "Control plane", ControlPlane.ControlPlaneDiagnostics.All),
        ("A4", "Access", [.. ControlPlane.Access.AccessDiagnostics.All, .. Authority.AuthorityDiagnostics.All]),
    ];

    private static string Diagnostics()
    {
        var text = new StringBuilder("""
            # Diagnostics

            Every message that refuses or warns carries an id. This page is generated from the code that raises them.

            """);
        foreach (var (_, title, entries) in AllDiagnostics())
        {
            text.Append($"\n## {title}\n\n| Id | What | Cause | Cure |\n|---|---|---|---|\n");
            foreach (var entry in entries.OrderBy(entry => entry.Id, StringComparer.Ordinal))
            {
                text.Append($"| {entry.Id} | {Cell(entry.Title)} | {Cell(entry.Cause)} | {Cell(entry.Cure)} |\n");
            }
        }

        return text.ToString();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("\n", " ", StringComparison.Ordinal);
}

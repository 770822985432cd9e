namespace Postern.Policies.Tests;

public sealed class HostileExpressions
{
    private static readonly string[] Lines =
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Corpus", "hostile-expressions.txt")).Where(line => line.StartsWith('@'))];

    [Fact]
    public void None_of_the_corpus_gets_through()
    {
        Assert.True(Lines.Length >= 150, $"only {Lines.Length} expressions");
        var through = new List<string>();
        Parallel.ForEach(Lines, line =>
        {
            var text = $"<policies><inbound><set-variable name=\"x\"><!-- --></set-variable><set-body>{line}</set-body></inbound></policies>"
                .Replace("<set-variable name=\"x\"><!-- --></set-variable>", "", StringComparison.Ordinal);
            var escaped = text.Replace(line, System.Security.SecurityElement.Escape(line), StringComparison.Ordinal);
            var problems = PolicyReader.Validate(new(PolicyScope.Operation, "hostile", PolicyFormat.Xml, escaped), NoReferences.Instance);
            if (problems.Count == 0)
            {
                lock (through)
                {
                    through.Add(line);
                }
            }
        });
        Assert.True(through.Count == 0, string.Join('\n', through));
    }

    [Fact]
    public void The_same_in_rawxml_does_not_get_through_either()
    {
        var through = Lines.AsParallel().Where(line => PolicyReader.Validate(
            new(PolicyScope.Operation, "hostile", PolicyFormat.RawXml, $"<policies><inbound><set-body>{line}</set-body></inbound></policies>"),
            NoReferences.Instance).Count == 0).ToList();
        Assert.True(through.Count == 0, string.Join('\n', through));
    }
}

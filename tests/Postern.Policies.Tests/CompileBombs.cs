using Postern.Policies.Expressions;

namespace Postern.Policies.Tests;

/// <summary>
/// Short texts that would keep the compiler busy for hours, or take its stack and with it the process, when a document is saved or a
/// configuration arrives.
/// </summary>
public sealed class CompileBombs
{
    public static TheoryData<string> Expressions() =>
    [
        $"@({Many("!", 20_000)}true)",
        $"@({Many("- ", 20_000)}1)",
        $"@(1{Many("+1", 100_000)})",
        $"@(\"a\"{Many(".Trim()", 3_000)})",
        $"@(\"a\"{Many("?.Trim()", 3_000)})",
        $"@(\"a\"{Many("!", 20_000)})",
        $"@(1 is 1{Many(" or 2", 20_000)})",
        $"@{{ var a = 1; {Many("a = ", 20_000)}1; return a; }}",
        $"@{{ {Many("foreach (var x in \"a\") ", 3_000)} return 1; return 2; }}",
        $"@{{ object f = {Many("() => ", 2_000)} 1; return 1; }}",
        $"@({Many("$\"{", 30)}1{Many("}\"", 30)})",
        $"@({Many("new int[1].Sum(a => ", 5)}1{Many(")", 5)})",
        $"@({Many("new int[1]?.Max(a => ", 5)}1{Many(")", 5)})",
        $"@(new[] {{ 1 }}{Many(".GroupBy(x => x)", 30)}.Count())",
        $"@(new[] {{ 1 }}{Many(".Select(x => (x, x))", 30)}.Count())",
        $"@{{ (T, T) F<T>(T x) => (x, x); var y = {Many("F(", 30)}1{Many(")", 30)}; return 1; }}",
        $"@{{ var v0 = 1; {Steps(26, "var v{1} = (v{0}, v{0});")} return 1; }}",
        $"@{{ var v0 = 1; {Steps(26, "var v{1} = Tuple.Create(v{0}, v{0});")} return 1; }}",
        $"@{{ var v0 = 1; {Steps(26, "var v{1} = new {{ a = v{0}, b = v{0} }};")} return 1; }}",
        $"@{{ const string v0 = \"xxxxxxxxxxxxxxxx\"; {Steps(25, "const string v{1} = v{0} + v{0};")} return v25.Length; }}",
    ];

    [Theory]
    [MemberData(nameof(Expressions))]
    public void What_would_keep_the_compiler_busy_is_refused(string expression)
    {
        var other = new PolicySource(PolicyScope.Api, "other", PolicyFormat.RawXml, Document("@(context.RequestId)"));
        var compiled = new PolicyCompiler().Compile([new(PolicyScope.Api, "bomb", PolicyFormat.RawXml, Document(expression)), other], NoReferences.Instance);

        Assert.Contains(compiled["bomb"]!.Diagnostics, problem => problem.Id == "P120");
        Assert.Empty(compiled["other"]!.Diagnostics);
    }

    [Fact]
    public void A_long_run_of_quotes_is_read_once()
    {
        var source = new PolicySource(
            PolicyScope.Api, "quotes", PolicyFormat.RawXml, $"<policies><inbound><set-body>@($@{Many("\"", 240_000)})</set-body></inbound></policies>");

        // It takes a fraction of a second; looking back to its beginning from each quote took 18.
        Assert.NotNull(CompilerThread.Run(() => new PolicyCompiler().Compile(source, NoReferences.Instance), TimeSpan.FromSeconds(6)));
    }

    [Fact]
    public void Nobody_waits_for_a_compiler_that_does_not_end()
    {
        var never = new ManualResetEventSlim();

        Assert.Null(CompilerThread.Run(() =>
        {
            never.Wait(TestContext.Current.CancellationToken);
            return "";
        }, TimeSpan.FromMilliseconds(10)));
        Assert.Equal("done", CompilerThread.Run(() => "done"));
        never.Set();
    }

    private static string Document(string expression) =>
        $"<policies><inbound><set-variable name=\"x\" value=\"{expression}\" /></inbound><on-error /></policies>";

    private static string Many(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static string Steps(int count, string format) =>
        string.Concat(Enumerable.Range(1, count).Select(i => string.Format(System.Globalization.CultureInfo.InvariantCulture, format, i - 1, i)));
}

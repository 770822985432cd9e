using System.Runtime.CompilerServices;

namespace Postern.Policies.Tests;

public sealed class PolicyCompilerTests
{
    [Fact]
    public void An_unchanged_document_is_not_compiled_again()
    {
        var compiler = new PolicyCompiler();
        var first = compiler.Compile(Documents(20), NoReferences.Instance);
        Assert.Equal(20, compiler.CompiledCount);
        var changed = Documents(20).Select((document, i) => i == 7 ? document with { Text = document.Text.Replace("40", "41", StringComparison.Ordinal) } : document);
        var second = compiler.Compile(changed, NoReferences.Instance);
        Assert.Equal(21, compiler.CompiledCount);
        Assert.Same(first["apis/3"], second["apis/3"]);
        Assert.NotSame(first["apis/7"], second["apis/7"]);
        GC.KeepAlive(first);
    }

    [Fact]
    public void A_change_of_a_named_value_or_fragment_recompiles_who_uses_it()
    {
        var compiler = new PolicyCompiler();
        var one = compiler.Compile(Using("{{v}}"), new References("1", "<fragment />"));
        Assert.Same(one, compiler.Compile(Using("{{v}}"), new References("1", "<fragment />")));
        Assert.NotSame(one, compiler.Compile(Using("{{v}}"), new References("2", "<fragment />")));
        Assert.NotSame(one, compiler.Compile(Using("{{v}}"), new References("1", "<fragment><base /></fragment>")));
        GC.KeepAlive(one);
    }

    [Fact]
    public void A_document_that_nobody_holds_leaves_the_memory_with_its_assembly()
    {
        var compiler = new PolicyCompiler();
        var reference = CompileAndDrop(compiler);
        for (var i = 0; i < 10 && reference.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(reference.IsAlive);
    }

    [Fact]
    public void Many_documents_compile_at_once_and_all_of_them()
    {
        var compiled = new PolicyCompiler().Compile(Documents(60), NoReferences.Instance);
        Assert.Equal(60, compiled.All.Count());
        Assert.All(compiled.All, policy => Assert.Empty(policy.Diagnostics));
    }

    [Fact]
    public void Documents_that_come_together_are_told_the_same_as_alone()
    {
        string[] policies =
        [
            """<set-variable name="a" value="@(context.Request.Method)" />""",
            """<set-variable name="a" value="@(context.Request.Nothing)" />""",
            """<set-variable name="a" value="@(typeof(string).Name)" />""",
            """<set-variable name="a" value="@(System.IO.File.ReadAllText("/etc/passwd"))" />""",
            """<choose><when condition="@(context.Variables.GetValueOrDefault("x", (object)true))"><set-variable name="a" value="released" /></when></choose>""",
            """<choose><when condition="@(context.Request.OriginalUrl)"><set-variable name="a" value="never" /></when></choose>""",
            """<set-variable name="a" value="@{ while (true) { if (context.Request.Method.Length > 100) { return 1; } } }" />""",
            """<set-variable name="a" value="@{ foreach (var i in new [] { 1, 2 }) { return i + Missing; } return 0; }" />""",
            """<set-variable name="a" value="@(new CompiledExpressions0().E0(context))" />""",
            """<set-variable name="a" value="@(1 +)" />""",
            """<set-variable name="a" value="constant" />""",
        ];
        var sources = policies.Select((policy, i) => new PolicySource(
            PolicyScope.Api, $"apis/{i}", PolicyFormat.RawXml, $"<policies><inbound>\n{policy}</inbound></policies>")).ToList();

        var together = new PolicyCompiler().Compile(sources.Concat(Documents(30).Select(document => document with { Name = $"more/{document.Name}" })), NoReferences.Instance);

        Assert.All(sources, source =>
        {
            var alone = new PolicyCompiler().Compile(source, NoReferences.Instance);
            Assert.Equal(alone.Diagnostics, together[source.Name]!.Diagnostics);
            Assert.Equal(alone.IsBroken, together[source.Name]!.IsBroken);
        });
        Assert.Equal([1, 2, 3, 5, 7, 8, 9], Enumerable.Range(0, sources.Count).Where(i => together[$"apis/{i}"]!.IsBroken));
        Assert.All(together.All.Where(document => document.Source.Name.StartsWith("more/", StringComparison.Ordinal)), document => Assert.False(document.IsBroken));
    }

    [Fact]
    public void Nothing_is_compiled_on_the_threads_that_serve_requests()
    {
        var references = new WhoAsks();
        new PolicyCompiler().Compile(Documents(5).Select(document => document with { Text = document.Text.Replace("40", "{{v}}", StringComparison.Ordinal) }), references);
        Assert.True(references.Asked > 0);
        Assert.Equal(0, references.AskedByPool);
    }

    [Fact]
    public void Every_diagnostic_is_listed_once_with_cause_and_cure()
    {
        var ids = PolicyDiagnostics.All.Select(entry => entry.Id).ToList();
        Assert.Equal(ids.Distinct(), ids);
        var used = typeof(PolicyDiagnostics).GetFields(System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)
            .Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);
        Assert.Equal(ids.Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));
        Assert.All(PolicyDiagnostics.All, entry => Assert.True(entry.Cause.Length > 10 && entry.Cure.Length > 5));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference CompileAndDrop(PolicyCompiler compiler) => new(compiler.Compile(Documents(1)[0], NoReferences.Instance));

    private static PolicySource Using(string value) => new(PolicyScope.Api, "apis/a", PolicyFormat.Xml,
        $"<policies><inbound><set-header name=\"X\"><value>{value}</value></set-header><include-fragment fragment-id=\"f\" /></inbound></policies>");

    private static List<PolicySource> Documents(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => new PolicySource(PolicyScope.Api, $"apis/{i}", PolicyFormat.RawXml,
            $$"""<policies><inbound><set-variable name="a" value="@({{i}} + 40 + context.Request.Method.Length)" /><set-header name="X"><value>@("n" + context.Variables["a"])</value></set-header></inbound></policies>""")),
    ];

    private sealed class WhoAsks : IPolicyReferences
    {
        public int Asked;
        public int AskedByPool;

        public string? FindNamedValue(string name)
        {
            Interlocked.Increment(ref Asked);
            if (Thread.CurrentThread.IsThreadPoolThread)
            {
                Interlocked.Increment(ref AskedByPool);
            }

            return "1";
        }

        public PolicySource? FindFragment(string id) => null;
    }

    private sealed class References(string value, string fragment) : IPolicyReferences
    {
        public string? FindNamedValue(string name) => name == "v" ? value : null;

        public PolicySource? FindFragment(string id) => new(PolicyScope.Fragment, id, PolicyFormat.Xml, fragment);
    }
}

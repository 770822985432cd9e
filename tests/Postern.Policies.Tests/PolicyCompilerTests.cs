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
    public void A_change_of_a_fragment_in_a_fragment_recompiles_who_uses_it()
    {
        var compiler = new PolicyCompiler();
        var document = Using("v");
        Dictionary<string, string> fragments = new()
        {
            ["f"] = "<fragment><include-fragment fragment-id='g' /></fragment>",
            ["g"] = "<fragment><include-fragment fragment-id=\"h\" /></fragment>",
            ["h"] = "<fragment><set-method>{{v}}</set-method></fragment>",
        };
        var one = compiler.Compile(document, new Fragments(fragments, "GET"));
        Assert.Empty(one.Diagnostics);
        Assert.Same(one, compiler.Compile(document, new Fragments(fragments, "GET")));
        Assert.NotSame(one, compiler.Compile(document, new Fragments(fragments, "PUT")));
        fragments["h"] = "<fragment><include-fragment fragment-id=\"f\" /></fragment>";
        Assert.Equal("P117", Assert.Single(compiler.Compile(document, new Fragments(fragments, "GET")).Diagnostics).Id);
        GC.KeepAlive(one);
    }

    [Fact]
    public void Fragments_that_include_each_other_many_times_do_not_grow_without_bound()
    {
        // Seven hundred times at every one of ten levels.
        var fragments = Enumerable.Range(0, 10).ToDictionary(
            i => i == 0 ? "f" : $"f{i}",
            i => $"<fragment>{string.Concat(Enumerable.Repeat(i == 9 ? "<set-method>GET</set-method>" : $"<include-fragment fragment-id=\"f{i + 1}\" />", 700))}</fragment>");

        var compiled = new PolicyCompiler().Compile(Using("v"), new Fragments(fragments, ""));

        var problem = Assert.Single(compiled.Diagnostics);
        Assert.Equal("P101", problem.Id);
        Assert.Contains("more than 1048576 characters in all", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fragment_is_as_large_as_its_named_values_make_it()
    {
        var fragments = new Dictionary<string, string> { ["f"] = $"<fragment>{string.Concat(Enumerable.Repeat("{{v}}", 100))}</fragment>" };

        var compiled = new PolicyCompiler().Compile(Using("v"), new Fragments(fragments, new('x', 4096)));

        Assert.Equal("P101", Assert.Single(compiled.Diagnostics).Id);
    }

    [Fact]
    public void Elements_are_counted_through_fragments()
    {
        static string Nested(int levels, string inner) =>
            $"{string.Concat(Enumerable.Repeat("<choose><when condition=\"true\">", levels))}{inner}{string.Concat(Enumerable.Repeat("</when></choose>", levels))}";

        foreach (var (levels, problems) in (ReadOnlySpan<(int, string[])>)[(14, []), (15, ["P118"])])
        {
            // policies, inbound, twice as many as the levels of each of two fragments, and one more.
            var fragments = new Dictionary<string, string>
            {
                ["f"] = $"<fragment>{Nested(16, "<include-fragment fragment-id=\"g\" />")}</fragment>",
                ["g"] = $"<fragment>{Nested(levels, "<set-method>GET</set-method>")}</fragment>",
            };

            Assert.Equal(problems, new PolicyCompiler().Compile(Using("v"), new Fragments(fragments, "")).Diagnostics.Select(problem => problem.Id));
        }
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

    private sealed class Fragments(Dictionary<string, string> texts, string value) : IPolicyReferences
    {
        public string? FindNamedValue(string name) => value;

        public PolicySource? FindFragment(string id) =>
            texts.TryGetValue(id, out var text) ? new(PolicyScope.Fragment, id, PolicyFormat.Xml, text) : null;
    }

    private sealed class References(string value, string fragment) : IPolicyReferences
    {
        public string? FindNamedValue(string name) => name == "v" ? value : null;

        public PolicySource? FindFragment(string id) => new(PolicyScope.Fragment, id, PolicyFormat.Xml, fragment);
    }
}

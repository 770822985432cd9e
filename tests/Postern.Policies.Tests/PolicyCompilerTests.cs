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

    private sealed class References(string value, string fragment) : IPolicyReferences
    {
        public string? FindNamedValue(string name) => name == "v" ? value : null;

        public PolicySource? FindFragment(string id) => new(PolicyScope.Fragment, id, PolicyFormat.Xml, fragment);
    }
}

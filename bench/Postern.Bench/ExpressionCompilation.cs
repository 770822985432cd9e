using System.Diagnostics;
using Postern.Policies;

namespace Postern.Bench;

/// <summary>What it costs to compile the expressions of many documents: at the start of a process, once warm, and for one changed document.</summary>
internal static class ExpressionCompilation
{
    private const int Documents = 100;

    /// <summary>Ten expressions of the kinds that policies are made of; %N% makes each document another.</summary>
    private static readonly string[] Expressions =
    [
        """context.Variables.GetValueOrDefault<string>("name%N%")""",
        """context.Request.Headers.GetValueOrDefault("X-Plan%N%", "none")""",
        """context.Subscription?.Id + "-%N%" """,
        """context.Request.Method == "POST" && context.Request.OriginalUrl.Path.StartsWith("/v%N%/", StringComparison.OrdinalIgnoreCase) ? "write" : "read" """,
        """string.Join(",", context.User == null ? new string[0] : context.User.Groups.Select(group => group.Name + "%N%"))""",
        """(string)context.Request.Body?.As<JObject>(preserveContent: true)["customer%N%"]?["id"]""",
        """DateTime.UtcNow.AddMinutes(%N%).ToString("o")""",
        """Convert.ToBase64String(Encoding.UTF8.GetBytes(context.RequestId.ToString() + "%N%"))""",
        """{ var jwt = context.Request.Headers.GetValueOrDefault("Authorization", "").AsJwt(); return jwt == null ? "nobody%N%" : jwt.Claims.GetValueOrDefault("roles", ""); }""",
        """{ var parts = context.Request.OriginalUrl.Path.Split('/'); foreach (var part in parts) { if (part.Length > %N%) { return part; } } return ""; }""",
    ];

    /// <param name="warmUp">First what a gateway does while it waits for its configuration.</param>
    public static int Run(TextWriter output, bool warmUp)
    {
        if (warmUp)
        {
            Measure(output, "warm-up", () =>
            {
                PolicyCompilerWarmUp.Start().GetAwaiter().GetResult();
                return true;
            });
        }

        output.WriteLine($"{Documents} documents with {Expressions.Length} expressions each, {Environment.ProcessorCount} processors");
        var compiler = new PolicyCompiler();
        CompiledPolicies last = null!;
        for (var round = 0; round < 4; round++)
        {
            var sources = Enumerable.Range(0, Documents).Select(document => Source(document, round * Documents)).ToList();
            last = Measure(output, round == 0 ? (warmUp ? "all, first" : "all, cold") : "all, warm", () => compiler.Compile(sources, new NoReferences()));
            if (last.All.FirstOrDefault(document => document.Diagnostics.Count > 0) is { } broken)
            {
                output.WriteLine(broken.Diagnostics[0]);
                return 1;
            }
        }

        for (var round = 4; round < 7; round++)
        {
            var sources = Enumerable.Range(0, Documents).Select(document => Source(document, document == 7 ? round * Documents : 3 * Documents)).ToList();
            var before = compiler.CompiledCount;
            last = Measure(output, "one changed", () => compiler.Compile(sources, new NoReferences()));
            if (compiler.CompiledCount - before != 1)
            {
                output.WriteLine($"{compiler.CompiledCount - before} documents were compiled");
                return 1;
            }
        }

        GC.KeepAlive(last);
        return 0;
    }

    private static T Measure<T>(TextWriter output, string what, Func<T> run)
    {
        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var started = Stopwatch.GetTimestamp();
        var result = run();
        var wall = Stopwatch.GetElapsedTime(started);
        process.Refresh();
        output.WriteLine($"{what,-12} {wall.TotalMilliseconds,8:0} ms   {(process.TotalProcessorTime - cpu).TotalMilliseconds,8:0} ms of processor time");
        return result;
    }

    /// <summary>A document of ten expressions; each <paramref name="salt"/> makes another.</summary>
    public static string Document(int salt) => $"<policies><inbound>{string.Concat(Expressions.Select((code, index) =>
        $"<set-variable name=\"v{index}\" value=\"@{(code[0] == '{' ? "" : "(")}{code.Replace("%N%", $"{salt}")}{(code[0] == '{' ? "" : ")")}\" />"))}</inbound></policies>";

    private static PolicySource Source(int document, int salt) => new(PolicyScope.Api, $"apis/bench{document}", PolicyFormat.RawXml, Document(salt + document));

    private sealed class NoReferences : IPolicyReferences
    {
        public string? FindNamedValue(string name) => null;

        public PolicySource? FindFragment(string id) => null;
    }
}

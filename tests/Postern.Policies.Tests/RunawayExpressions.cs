using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Postern.Policies.Runtime;
using Postern.Policies.Testing;

namespace Postern.Policies.Tests;

/// <summary>What the rules let through must still end: in bounded time, with bounded memory, as an ordinary failure of its own request.</summary>
public sealed class RunawayExpressions
{
    /// <summary>Bytes that one evaluation may allocate in all: its budget, and what one call may make before it is asked again.</summary>
    private const long MostBytes = 1L << 30;

    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(20);

    private static readonly string[] Lines =
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Corpus", "runaway-expressions.txt")).Where(line => line.StartsWith('@'))];

    private static readonly Lazy<CompiledPolicies> Compiled = new(() => new PolicyCompiler().Compile(
        Lines.Select(line => new PolicySource(
            PolicyScope.Api, line, PolicyFormat.RawXml, $"<policies><inbound><set-variable name=\"x\" value=\"{line}\" /></inbound><on-error /></policies>")),
        NoReferences.Instance));

    public static TheoryData<string> Expressions() => [.. Lines];

    [Theory]
    [MemberData(nameof(Expressions))]
    public async Task A_runaway_expression_fails_its_request_and_nothing_else(string expression)
    {
        var compiled = Compiled.Value[expression]!;
        if (compiled.IsBroken)
        {
            // Refused when it is saved: as good.
            Assert.All(compiled.Diagnostics, problem => Assert.StartsWith("P12", problem.Id, StringComparison.Ordinal));
            return;
        }

        var program = PolicyProgram.Compose(null, null, compiled, null);
        var context = new PolicyContext { Services = new CaseServices() };
        context.Request.Headers = new HeaderDictionary();
        context.Response.Headers = new HeaderDictionary();
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();

        var running = program.RunAsync(context);

        var took = Stopwatch.GetElapsedTime(started);
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        await running;
        TestContext.Current.TestOutputHelper?.WriteLine($"{took.TotalMilliseconds:0} ms, {bytes >> 20} MiB: {context.LastError?.Message}");
        Assert.True(context.LastError?.Reason == "ExpressionValueEvaluationFailure", $"{expression}: {context.LastError?.Reason}");
        Assert.Equal(500, context.Response.StatusCode);
        Assert.True(took < MostTime, $"{took.TotalSeconds:0.0} s");
        Assert.True(bytes < MostBytes, $"{bytes >> 20} MiB");
    }
}

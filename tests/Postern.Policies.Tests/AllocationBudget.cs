using Microsoft.AspNetCore.Http;
using Postern.Policies.Runtime;

namespace Postern.Policies.Tests;

public sealed class AllocationBudget
{
    [Theory]
    [InlineData("""<set-header name="X-A"><value>constant</value></set-header>""", 0)]
    [InlineData("""<set-header name="X-A" exists-action="skip"><value>constant</value></set-header>""", 0)]
    [InlineData("""<set-header name="X-A" exists-action="delete" />""", 0)]
    [InlineData("""<set-variable name="a" value="constant" />""", 0)]
    [InlineData("""<set-variable name="a" value="@("text")" />""", 0)]
    [InlineData("""<set-variable name="a" value="@(context.Variables["b"])" />""", 0)]
    [InlineData("""<choose><when condition="false" /><when condition="true"><set-variable name="a" value="1" /></when></choose>""", 0)]
    [InlineData("""<choose><when condition="@(context.Request.Method == "GET")"><set-variable name="a" value="1" /></when></choose>""", 0)]
    [InlineData("""<choose><when condition="@(context.Request.Headers.GetValueOrDefault("X-A", "") == "x")" /><otherwise><set-variable name="a" value="1" /></otherwise></choose>""", 0)]
    [InlineData("""<rate-limit calls="1000000" renewal-period="300" />""", 0)]
    [InlineData("""<set-header name="X-A"><value>@(context.Request.Headers.GetValueOrDefault("X-B", "none"))</value></set-header>""", 0)]
    public async Task A_policy_with_constants_allocates_nothing_per_request(string policy, long most)
    {
        var compiled = new PolicyCompiler().Compile(
            new PolicySource(PolicyScope.Api, "apis/a", PolicyFormat.RawXml, $"<policies><inbound>{policy}</inbound></policies>"), NoReferences.Instance);
        Assert.Empty(compiled.Diagnostics);
        var program = PolicyProgram.Compose(null, null, compiled, null);
        var context = new PolicyContext { Services = new QuietServices(), Subscription = new OneSubscription("s") };
        context.Request.Headers = new HeaderDictionary { ["X-B"] = "b" };
        context.Response.Headers = new HeaderDictionary();
        context.Variables.Set("b", "value");
        // As soon as the runtime is done with the code: what it makes first, in a hurry, puts values on the heap that need not be there.
        var least = long.MaxValue;
        for (var round = 0; round < 5000 && least > most; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1000; i++)
            {
                // Completes at once, so this thread's account has all of it.
                await program.RunAsync(context);
            }

            least = Math.Min(least, (GC.GetAllocatedBytesForCurrentThread() - before) / 1000);
        }

        Assert.InRange(least, 0, most);
    }

    private sealed class QuietServices : IPolicyServices
    {
        public TimeProvider Time => TimeProvider.System;

        public IRateCounters RateCounters { get; } = new RateCounters();

        public ValueTask<Flow> ForwardAsync(PolicyContext context, in ForwardOptions options) => default;

        public Uri? FindBackend(string backendId) => null;

        public void Trace(PolicyContext context, string source, string message)
        {
        }
    }
}

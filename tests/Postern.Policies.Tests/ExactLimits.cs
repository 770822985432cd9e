using Microsoft.AspNetCore.Http;
using Postern.Policies.Runtime;
using Postern.Testing;

namespace Postern.Policies.Tests;

/// <summary>Calls that come at the same moment: exactly the limit gets through.</summary>
[Collection(nameof(TakesAllProcessors))]
public sealed class ExactLimits
{
    private const int Callers = 2;
    private const int Rounds = 20_000;

    [Theory]
    [InlineData("""<quota-by-key calls="1" renewal-period="300" counter-key="@((string)context.Variables["k"])" />""", PolicyScope.Api)]
    [InlineData("""<rate-limit-by-key calls="1" renewal-period="300" counter-key="@((string)context.Variables["k"])" />""", PolicyScope.Api)]
    [InlineData("""<rate-limit-by-key calls="2" renewal-period="300" increment-count="2" counter-key="@((string)context.Variables["k"])" />""", PolicyScope.Api)]
    [InlineData("""<quota calls="1" renewal-period="300" />""", PolicyScope.Product)]
    [InlineData("""<quota calls="100" renewal-period="300"><api id="a" calls="1" /></quota>""", PolicyScope.Product)]
    [InlineData("""<rate-limit calls="1" renewal-period="300" />""", PolicyScope.Product)]
    public async Task No_call_slips_through_between_looking_and_counting(string policy, PolicyScope scope)
    {
        var compiled = new PolicyCompiler().Compile(
            new PolicySource(scope, scope == PolicyScope.Api ? "apis/a" : "products/p", PolicyFormat.RawXml, $"<policies><inbound>{policy}</inbound></policies>"), NoReferences.Instance);
        Assert.Empty(compiled.Diagnostics);
        var program = scope == PolicyScope.Api ? PolicyProgram.Compose(null, null, compiled, null) : PolicyProgram.Compose(null, compiled, null, null);
        var services = new CountingServices();
        var contexts = Enumerable.Range(0, Callers).Select(_ => new PolicyContext { Services = services }).ToArray();
        var passed = new int[Callers];
        var arrived = 0;

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Factory.StartNew(
            () =>
            {
                for (var round = 0; round < Rounds; round++)
                {
                    var context = contexts[caller];
                    context.Reset();
                    context.Subscription = new OneSubscription($"{round}");
                    context.Api = new OneApi();
                    context.Request.Headers = new HeaderDictionary();
                    context.Response.Headers = new HeaderDictionary();
                    context.Response.StatusCode = 200;
                    context.Variables.Set("k", $"{round}");

                    // Both go on within nanoseconds of each other; a barrier would wake one after the other.
                    Interlocked.Increment(ref arrived);
                    var spin = new SpinWait();
                    while (Volatile.Read(ref arrived) < (round + 1) * Callers)
                    {
                        spin.SpinOnce(sleep1Threshold: -1);
                    }

                    program.RunAsync(context).AsTask().GetAwaiter().GetResult();
                    passed[caller] += context.LastError is null ? 1 : 0;
                }
            },
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        Assert.Equal(Rounds, passed.Sum());
    }

    private sealed class CountingServices : IPolicyServices
    {
        /// <summary>Stands still: at the turn of a period one call of a pair belongs to the next, and both are right.</summary>
        public TimeProvider Time { get; } = new ManualTime(new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero));

        public IRateCounters RateCounters { get; } = new RateCounters();

        public PolicyResources? Resources { get; } = new(null, null);

        public ValueTask<Flow> ForwardAsync(PolicyContext context, in ForwardOptions options) => default;

        public Uri? FindBackend(string backendId) => null;

        public void Trace(PolicyContext context, string source, string message)
        {
        }
    }

    private sealed class OneApi : IApi
    {
        public string Id => "a";

        public string Name => "a";

        public string Path => "a";

        public IEnumerable<string> Protocols => ["https"];

        public IUrl? ServiceUrl => null;

        public ISubscriptionKeyParameterNames SubscriptionKeyParameterNames => throw new NotSupportedException();

        public bool IsCurrentRevision => true;

        public string Revision => "1";

        public string? Version => null;
    }
}

/// <summary>Runs by itself: callers that have no processor each come one after the other, which tests nothing and takes a hundred times as long.</summary>
[CollectionDefinition(nameof(TakesAllProcessors), DisableParallelization = true)]
public sealed class TakesAllProcessors;

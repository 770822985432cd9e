// dotnet run -c Release --project bench/Postern.Bench -- --budgets   checks allocations in a few seconds; exit code 1 when one is over
// dotnet run -c Release --project bench/Postern.Bench -- --budgets --propose [PREFIX]   writes lines for budgets.txt, from what is measured
// dotnet run -c Release --project bench/Postern.Bench -- --compile [--warm-up]   what compiling 1,000 expressions costs, cold, warm and for one document
// dotnet run -c Release --project bench/Postern.Bench -- --start POSTERN ROUNDS   how long a new gateway takes until it is ready
// dotnet run -c Release --project bench/Postern.Bench                 times everything with BenchmarkDotNet (its options apply)

using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Postern.Bench;
using Postern.Bench.Load;

if (args is ["--compile", .. var how])
{
    return ExpressionCompilation.Run(Console.Out, warmUp: how is ["--warm-up"]);
}

if (args is ["--budgets"])
{
    return AllocationBudgets.Check(Path.Combine(AppContext.BaseDirectory, "budgets.txt"), Console.Out);
}

switch (args)
{
    case ["--budgets", "--propose", .. var prefix]:
        return AllocationBudgets.Propose(prefix is [var only, ..] ? only : "", Console.Out);
    case ["--scale", var postern, var seconds, var rounds]:
        return await Scale.RunAsync(postern, TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)), int.Parse(rounds, CultureInfo.InvariantCulture), Console.Out);
    case ["--start", var postern, var rounds]:
        return await Startup.RunAsync(postern, int.Parse(rounds, CultureInfo.InvariantCulture), Console.Out);
    case ["--soak", var postern, var seconds]:
        return await Soak.RunAsync(postern, TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)), Console.Out);
}

// In this process: the generated projects of the default toolchain would restore packages anew.
var job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance);
BenchmarkSwitcher.FromTypes([typeof(MicroBenchmarks)]).Run(args, DefaultConfig.Instance.AddJob(job));
return 0;

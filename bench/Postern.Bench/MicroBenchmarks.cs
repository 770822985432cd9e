using BenchmarkDotNet.Attributes;

namespace Postern.Bench;

[MemoryDiagnoser]
public class MicroBenchmarks
{
    [ParamsSource(nameof(Subjects))]
    public Subject What { get; set; } = null!;

    public IEnumerable<Subject> Subjects => Subject.All;

    [GlobalSetup]
    public void Prepare() => What.Prepare();

    [Benchmark]
    public void Run() => What.Run();
}

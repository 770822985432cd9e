namespace Postern.EndToEnd.Tests;

/// <summary>
/// Tests whose limits are times of a machine that does nothing else: they run one after the other when all others are through. Everything else runs
/// beside each other.
/// </summary>
[CollectionDefinition(nameof(MeasuresTime), DisableParallelization = true)]
public sealed class MeasuresTime;

namespace Postern.Policies.Tests;

public sealed class WarmUpTests
{
    [Fact]
    public async Task The_compiler_is_warmed_up_once_by_a_document_without_faults()
    {
        var first = PolicyCompilerWarmUp.Start();
        Assert.Same(first, PolicyCompilerWarmUp.Start());

        var compiled = await first;

        Assert.Empty(compiled.Diagnostics);
    }
}

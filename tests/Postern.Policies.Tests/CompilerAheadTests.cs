using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Postern.Policies.Tests;

public sealed class CompilerAheadTests
{
    /// <summary>The files of its package have none; Directory.Build.targets makes it. Nobody would notice it missing but by the time a start takes.</summary>
    [Theory]
    [InlineData(typeof(Compilation))]
    [InlineData(typeof(CSharpCompilation))]
    public void The_CSharp_compiler_has_machine_code_of_its_own(Type type)
    {
        using var file = new PEReader(File.OpenRead(type.Assembly.Location));
        var has = file.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
        Assert.Equal(RuntimeInformation.RuntimeIdentifier == "linux-x64", has);
    }
}

using System.Reflection;
using System.Runtime.Loader;

namespace Postern.Policies.Expressions;

/// <summary>
/// The compiled code of some documents, which goes when none of their expressions is referenced any more.
/// Its native memory is given back by a collection of the oldest generation only, which a gateway that allocates next to nothing hardly ever
/// needs otherwise. So the collector is told of that memory: one more collection for about 4 MB of code, or for a third of a large heap.
/// </summary>
internal sealed class ExpressionLoadContext : AssemblyLoadContext
{
    /// <summary>Bytes. What a document with an expression cost as was measured, by the resident memory of a gateway; most of it does not depend on its size.</summary>
    private const int NativeBytes = 50_000;

    private readonly long _bytes;

    /// <param name="imageBytes">The size of the assembly that will be loaded.</param>
    public ExpressionLoadContext(long imageBytes)
        : base("Postern.Expressions", isCollectible: true)
    {
        _bytes = NativeBytes + imageBytes;
        GC.AddMemoryPressure(_bytes);
        Unloading += static context => GC.RemoveMemoryPressure(((ExpressionLoadContext)context)._bytes);
    }

    protected override Assembly? Load(AssemblyName assemblyName) => ExpressionReferences.Assemblies().FirstOrDefault(assembly => assembly.GetName().Name == assemblyName.Name);
}

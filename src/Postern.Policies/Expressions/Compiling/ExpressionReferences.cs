using System.Reflection;
using System.Reflection.Metadata;
using Microsoft.CodeAnalysis;

namespace Postern.Policies.Expressions;

/// <summary>
/// The assemblies that expressions are compiled against, shared by all compilations of the process. Read from the loaded images,
/// so it works in a single-file executable and costs no file access.
/// </summary>
internal static class ExpressionReferences
{
    private static readonly Lazy<IReadOnlyList<MetadataReference>> Shared = new(() => [.. Assemblies().Select(Reference)]);

    public static IReadOnlyList<MetadataReference> All => Shared.Value;

    public static IEnumerable<Assembly> Assemblies()
    {
        Type[] types =
        [
            typeof(object), typeof(Uri), typeof(Enumerable), typeof(Stack<>), typeof(HashSet<>), typeof(System.Text.RegularExpressions.Regex),
            typeof(System.Net.WebUtility), typeof(System.Net.IPAddress), typeof(System.Security.Cryptography.SHA256),
            typeof(System.Security.Cryptography.X509Certificates.X509Certificate2), typeof(System.Xml.XmlReader), typeof(System.Xml.Linq.XDocument),
            typeof(System.Linq.Expressions.Expression), typeof(System.ComponentModel.INotifyPropertyChanged), typeof(System.Collections.Specialized.INotifyCollectionChanged),
            typeof(System.ComponentModel.ICustomTypeDescriptor), typeof(System.ComponentModel.TypeConverter), typeof(System.Numerics.BigInteger),
            typeof(Newtonsoft.Json.Linq.JToken), typeof(IContext),
        ];
        string[] facades = ["System.Runtime", "System.Collections", "System.Linq", "System.Xml.ReaderWriter", "System.Xml.XDocument", "System.Runtime.Extensions",
            "System.ObjectModel", "netstandard"];
        return types.Select(type => type.Assembly).Concat(facades.Select(Assembly.Load)).Distinct();
    }

    private static unsafe PortableExecutableReference Reference(Assembly assembly)
    {
        if (!assembly.TryGetRawMetadata(out var blob, out var length))
        {
            throw new InvalidOperationException($"{assembly.GetName().Name} has no metadata in memory.");
        }

        return AssemblyMetadata.Create(ModuleMetadata.CreateFromMetadata((nint)blob, length)).GetReference(display: assembly.GetName().Name);
    }
}

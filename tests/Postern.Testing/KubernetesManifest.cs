using System.Text;
using YamlDotNet.RepresentationModel;

namespace Postern.Testing;

/// <summary>A Kubernetes manifest file, read for what a container of it would see.</summary>
public sealed class KubernetesManifest
{
    private readonly List<YamlMappingNode> _objects;

    private KubernetesManifest(List<YamlMappingNode> objects) => _objects = objects;

    /// <exception cref="YamlDotNet.Core.YamlException">The file is not YAML.</exception>
    public static KubernetesManifest Read(string path)
    {
        var yaml = new YamlStream();
        using var reader = new StreamReader(path, Encoding.UTF8);
        yaml.Load(reader);
        return new([.. yaml.Documents.Select(document => document.RootNode).OfType<YamlMappingNode>()]);
    }

    /// <summary>The only object of that kind and name; the name may be left out when there is one of the kind.</summary>
    /// <exception cref="InvalidOperationException">There is none, or more than one.</exception>
    public YamlMappingNode Object(string kind, string? name = null) =>
        _objects.Single(o => Text(o, "kind") == kind && (name is null || Text(o, "metadata", "name") == name));

    public IEnumerable<YamlMappingNode> Objects(string kind) => _objects.Where(o => Text(o, "kind") == kind);

    /// <summary>The ConfigMap's <c>data</c>, as text.</summary>
    public IReadOnlyDictionary<string, string> ConfigMapData(string? name = null) => Pairs(Object("ConfigMap", name), "data");

    /// <summary>
    /// What the Deployment's first container gets through <c>envFrom</c>: each ConfigMap's <c>data</c> and each Secret's <c>stringData</c>
    /// in the listed order, a later one winning, as Kubernetes does it.
    /// </summary>
    public IReadOnlyDictionary<string, string> Environment(string? deployment = null)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var source in Sequence(Container(deployment), "envFrom"))
        {
            var (kind, section) = source.Children.ContainsKey("secretRef") ? ("Secret", "stringData") : ("ConfigMap", "data");
            var reference = kind == "Secret" ? "secretRef" : "configMapRef";
            foreach (var (key, value) in Pairs(Object(kind, Text(source, reference, "name")), section))
            {
                environment[key] = value;
            }
        }

        return environment;
    }

    /// <summary>The first container of the Deployment's pods.</summary>
    public YamlMappingNode Container(string? deployment = null) =>
        Sequence(Object("Deployment", deployment), "spec", "template", "spec", "containers")[0];

    /// <summary>The scalar at a path of keys; null when a key is missing.</summary>
    public static string? Text(YamlMappingNode node, params string[] path) => (Find(node, path) as YamlScalarNode)?.Value;

    /// <summary>The mappings of the list at a path of keys; empty when a key is missing.</summary>
    public static IReadOnlyList<YamlMappingNode> Sequence(YamlMappingNode node, params string[] path) =>
        [.. (Find(node, path) as YamlSequenceNode)?.OfType<YamlMappingNode>() ?? []];

    /// <summary>The names and texts of the mapping at a path of keys; empty when a key is missing.</summary>
    public static IReadOnlyDictionary<string, string> Pairs(YamlMappingNode node, params string[] path) =>
        (Find(node, path) as YamlMappingNode)?.Children.ToDictionary(
            pair => ((YamlScalarNode)pair.Key).Value!, pair => ((YamlScalarNode)pair.Value).Value!, StringComparer.Ordinal)
        ?? [];

    private static YamlNode? Find(YamlMappingNode node, string[] path)
    {
        YamlNode? current = node;
        foreach (var key in path)
        {
            current = current is YamlMappingNode mapping && mapping.Children.TryGetValue(key, out var next) ? next : null;
        }

        return current;
    }
}

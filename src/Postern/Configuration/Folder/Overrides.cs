using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Postern.ControlPlane.Import;

namespace Postern.Configuration.Folder;

/// <summary>
/// Overriding configuration files: for each section (<c>namedValues</c>, <c>apis</c>, …) a list of resources by name, whose properties
/// are merged over the folder's. Sections of children stand inside their parent's entry.
/// </summary>
internal static partial class Overrides
{
    /// <summary>Name of the target service, as the file may give it.</summary>
    private const string ServiceName = "apimServiceName";

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">It is no YAML mapping; the message has file and line.</exception>
    public static JsonObject Read(string file)
    {
        try
        {
            return YamlToJson.Parse(File.ReadAllText(file)) switch
            {
                JsonObject sections => sections,
                null => [],
                _ => throw new FormatException("Line 1: the file must hold sections such as 'namedValues:'."),
            };
        }
        catch (FormatException error)
        {
            throw new FormatException($"{file}: {error.Message}", error);
        }
    }

    public static string? ServiceOf(JsonObject overrides) => overrides[ServiceName] is JsonValue value && value.TryGetValue<string>(out var name) ? name : null;

    /// <param name="file">For messages.</param>
    /// <param name="notes">Entries for resources that the folder does not have.</param>
    /// <exception cref="FormatException">A section or entry has another shape.</exception>
    public static void Apply(string file, JsonObject overrides, Dictionary<string, ConfigurationResource> resources, List<FolderProblem> notes) =>
        ApplyBelow(file, "", "", overrides, resources, notes);

    private static void ApplyBelow(
        string file, string type, string path, JsonObject sections, Dictionary<string, ConfigurationResource> resources, List<FolderProblem> notes)
    {
        var kinds = FolderLayout.Below(type).ToDictionary(kind => kind.Section, StringComparer.OrdinalIgnoreCase);
        foreach (var (section, entries) in sections)
        {
            if ((type.Length == 0 && section is ServiceName or "apiSpecificationFormat") || (type.Length > 0 && section is "name" or "properties"))
            {
                continue;
            }

            if (!kinds.TryGetValue(section, out var kind))
            {
                var message = $"the section '{section}' is not known{(path.Length > 0 ? $" in {path}" : "")}; known are {string.Join(", ", kinds.Keys.Order(StringComparer.Ordinal))}.";
                notes.Add(new(file, null, message));
                continue;
            }

            foreach (var entry in entries as JsonArray ?? throw new FormatException($"{file}: '{section}' must be a list of entries with 'name'."))
            {
                if (entry is not JsonObject item || item["name"]?.ToString() is not { Length: > 0 } name)
                {
                    throw new FormatException($"{file}: every entry of '{section}' needs a 'name'.");
                }

                var own = ResourcePath.Join(path, kind.Collection, name);
                Apply(file, own, item, resources, notes);
                ApplyBelow(file, kind.Type, own, item, resources, notes);
            }
        }
    }

    private static void Apply(string file, string path, JsonObject item, Dictionary<string, ConfigurationResource> resources, List<FolderProblem> notes)
    {
        if (item["properties"] is null)
        {
            return;
        }

        if (item["properties"] is not JsonObject properties)
        {
            throw new FormatException($"{file}: 'properties' of {path} must be a mapping.");
        }

        if (resources.TryGetValue(path, out var resource))
        {
            var merged = (JsonObject)resource.Properties.DeepClone();
            Merge(merged, properties);
            resources[path] = resource with { Properties = merged };
        }
        else
        {
            notes.Add(new(file, null, $"{path} is not in the folder; its entry does nothing."));
        }
    }

    /// <summary>Objects are merged, everything else is replaced. A place for a value that no pipeline filled leaves what was there.</summary>
    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is JsonObject inner && target[name] is JsonObject existing)
            {
                Merge(existing, inner);
            }
            else if (!IsPlaceholder(value) || !target.ContainsKey(name))
            {
                target[name] = value?.DeepClone();
            }
        }
    }

    /// <summary><c>{#name#}</c>: pipelines put a secret there; unfilled, it stands for a secret that is not known.</summary>
    public static bool IsPlaceholder(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) && Placeholder().IsMatch(text);

    [GeneratedRegex(@"^\{#[^#]*#\}$", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}

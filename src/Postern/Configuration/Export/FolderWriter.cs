using System.Text;
using System.Text.Json.Nodes;
using Postern.Configuration.Folder;
using Postern.Configuration.Import;
using Postern.ControlPlane.Import;
using Postern.Hosting;

namespace Postern.Configuration.Export;

/// <summary>Writes the folder. Files that are as they should be are not touched; files of the layout that the service no longer has go.</summary>
internal sealed class FolderWriter(string folder)
{
    private const string SecretsHead = """
        # Secrets of the exported service: keep this file out of version control.
        # 'postern config import' reads it when it lies in the folder.

        """;

    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    /// <returns>Files that were written or removed.</returns>
    /// <exception cref="IOException">Something can't be written.</exception>
    public int Write(ExportedService service)
    {
        Directory.CreateDirectory(folder);
        var changed = 0;
        foreach (var resource in service.Resources)
        {
            foreach (var (file, text) in Files(resource))
            {
                changed += Put(file, text) ? 1 : 0;
            }
        }

        foreach (var (path, (name, text)) in service.Definitions)
        {
            changed += Put($"{FolderPaths.Of(FolderLayout.Apis, path)}/{name}", text) ? 1 : 0;
        }

        if (service.Secrets is { } secrets)
        {
            PrivateFile.Write(Path.Combine(folder, FolderLayout.SecretsFile), SecretsHead + JsonToYaml.Write(Sorted(secrets.Sections)));
        }

        return changed + RemoveOthers();
    }

    private static IEnumerable<(string File, string Text)> Files(ConfigurationResource resource)
    {
        var (kind, own) = (resource.Kind, FolderPaths.Of(resource.Kind, resource.Path));
        if (kind.Listing == Listing.Policy)
        {
            yield return (own.Length == 0 ? FolderLayout.PolicyFile : $"{own}/{FolderLayout.PolicyFile}", resource.Properties["value"]?.ToString() ?? "");
            yield break;
        }

        var body = new JsonObject();
        if (kind == FolderLayout.ProductGroups)
        {
            body["properties"] = new JsonObject { ["groupId"] = $"/groups/{resource.Name}" };
            body["name"] = resource.LinkName;
        }
        else if (!kind.IsRelation)
        {
            body["properties"] = Told(resource);
        }

        if (kind == FolderLayout.Fragments)
        {
            yield return ($"{own}/{FolderLayout.PolicyFile}", resource.Properties["value"]?.ToString() ?? "");
        }

        yield return ($"{own}/{kind.File}", FolderJson.Write(body));
    }

    private static JsonObject Told(ConfigurationResource resource)
    {
        var kind = resource.Kind;
        var properties = (JsonObject)resource.Properties.DeepClone();
        foreach (var (parent, key, index, path, _) in SecretMembers.Shown(kind, properties).ToList())
        {
            var place = $"{{#{resource.Path}/{path}#}}";
            if (index < 0)
            {
                parent[key] = place;
            }
            else
            {
                parent[index] = place;
            }
        }

        foreach (var name in properties.Select(member => member.Key).ToList())
        {
            if (properties[name] is null || (kind.ReadOnly.Contains(name) && !kind.Told.Contains(name)) || (kind == FolderLayout.Fragments && name is "format" or "value"))
            {
                properties.Remove(name);
            }
        }

        (properties["keyVault"] as JsonObject)?.Remove("lastStatus");
        if (kind == FolderLayout.Apis && !properties.ContainsKey("serviceUrl"))
        {
            properties["serviceUrl"] = null; // Told: a definition names the gateway as its server, which is not the backend.
        }

        return Sorted(properties);
    }

    /// <summary>By name, so that two exports differ only where services do.</summary>
    private static JsonObject Sorted(JsonObject node) => new(node.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, member.Value switch
    {
        JsonObject inner when member.Key != "document" => Sorted(inner),
        JsonArray list => new JsonArray([.. list.Select(item => item is JsonObject inner ? Sorted(inner) : item?.DeepClone())]),
        var other => other?.DeepClone(),
    })));

    private bool Put(string file, string text)
    {
        if (!_written.Add(file))
        {
            throw new IOException($"Two resources would be the same file, {file}: their names differ only in ways that file names don't.");
        }

        var full = Path.Combine(folder, file);
        RefuseLinks(file);
        if (File.Exists(full) && File.ReadAllText(full, Encoding.UTF8) == text)
        {
            return false;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var temporary = $"{full}.{Environment.ProcessId}.new";
        File.WriteAllText(temporary, text);
        File.Move(temporary, full, overwrite: true);
        return true;
    }

    /// <summary>A link in the folder could lead the writing anywhere.</summary>
    private void RefuseLinks(string file)
    {
        for (var path = file; path.Length > 0; path = path.Contains('/', StringComparison.Ordinal) ? path[..path.LastIndexOf('/')] : "")
        {
            var full = Path.Combine(folder, path);
            FileSystemInfo info = Directory.Exists(full) ? new DirectoryInfo(full) : new FileInfo(full);
            if (info.LinkTarget is not null)
            {
                throw new IOException($"{path} in the folder is a link; nothing is written through links.");
            }
        }
    }

    private int RemoveOthers()
    {
        var names = FolderLayout.All.Select(kind => kind.File).Concat(FolderLayout.SpecificationFiles).ToHashSet(StringComparer.Ordinal);
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden };
        var removed = 0;
        foreach (var top in FolderLayout.Below("").Select(kind => kind.Folder).Where(name => name.Length > 0).Distinct().Select(name => new DirectoryInfo(Path.Combine(folder, name))))
        {
            if (!top.Exists || top.LinkTarget is not null)
            {
                continue;
            }

            foreach (var file in top.EnumerateFiles("*", options).Where(file => names.Contains(file.Name)).ToList())
            {
                if (!_written.Contains(Path.GetRelativePath(folder, file.FullName).Replace(Path.DirectorySeparatorChar, '/')))
                {
                    file.Delete();
                    removed++;
                }
            }

            foreach (var empty in top.EnumerateDirectories("*", options).Append(top).OrderByDescending(directory => directory.FullName.Length).ToList())
            {
                if (!empty.EnumerateFileSystemInfos().Any())
                {
                    empty.Delete();
                }
            }
        }

        return removed;
    }
}

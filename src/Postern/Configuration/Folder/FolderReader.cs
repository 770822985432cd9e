using System.Text.Json.Nodes;

namespace Postern.Configuration.Folder;

/// <summary>Reads the folder: every file once, every problem with its place.</summary>
internal sealed class FolderReader
{
    /// <summary>What may lie beside the configuration without a word about it.</summary>
    private static readonly string[] Silent = ["README.md", "configuration.yaml", FolderLayout.SecretsFile];

    private readonly FolderFiles _files;
    private readonly Dictionary<string, ConfigurationResource> _resources = new(ResourcePath.Comparer);
    private readonly List<FolderProblem> _notes = [];

    private FolderReader(FolderFiles files) => _files = files;

    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">It holds too much.</exception>
    public static FolderContent Read(string folder)
    {
        var reader = new FolderReader(new(folder));
        reader.ReadBelow("", "", "");
        return new([.. reader._resources.Values], reader._files.Problems, reader._notes);
    }

    /// <summary>The children of one resource, and what else lies in its folder.</summary>
    /// <param name="type">Of the resource; empty for the service.</param>
    private void ReadBelow(string type, string path, string folder)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var kind in FolderLayout.Below(type))
        {
            if (kind.Listing == Listing.Policy)
            {
                ReadPolicy(kind, path, folder);
            }
            else if (kind != FolderLayout.ApiTags && kind != FolderLayout.ProductTags)
            {
                known.Add(kind.Folder);
                ReadCollection(kind, path, FolderFiles.Join(folder, kind.Folder));
            }
        }

        if (type == FolderLayout.Tags.Type)
        {
            foreach (var kind in (FolderKind[])[FolderLayout.ApiTags, FolderLayout.ProductTags])
            {
                known.Add(kind.Folder);
                ReadTagged(kind, ResourcePath.NameOf(path), FolderFiles.Join(folder, kind.Folder));
            }
        }

        RelationLists.Read(_files, type, path, folder, Add);
        foreach (var name in _files.Folders(folder).Where(name => !known.Contains(name)))
        {
            _notes.Add(new(FolderFiles.Join(folder, name), null, name == "workspaces"
                ? "workspaces are not imported." : $"is no folder of the layout; it would be one of {string.Join(", ", known.Order(StringComparer.Ordinal))}."));
        }
    }

    private void ReadCollection(FolderKind kind, string parent, string folder)
    {
        foreach (var entry in _files.Folders(folder))
        {
            var own = FolderFiles.Join(folder, entry);
            if (FolderNames.Decode(entry) is not { } name)
            {
                _files.Problems.Add(new(own, null, "can't be the name of a resource."));
                continue;
            }

            var path = ResourcePath.Join(parent, kind.Collection, name);
            ReadResource(kind, path, own);
            ReadBelow(kind.Type, path, own);
            NoteFiles(kind, own);
        }
    }

    private void ReadResource(FolderKind kind, string path, string folder)
    {
        var file = FolderFiles.Join(folder, kind.File);
        if (!_files.Exists(file) && kind.Type == "apiVersionSets")
        {
            file = FolderFiles.Join(folder, RelationLists.OlderVersionSetFile);
        }

        var properties = new JsonObject();
        string? link = null;
        var present = _files.Exists(file);
        if (present)
        {
            if (_files.Read(file) is not { } text || FolderJson.ParseResource(file, text, !kind.IsRelation, _files.Problems) is not { } body)
            {
                return;
            }

            link = body["name"] is JsonValue value && value.TryGetValue<string>(out var given) ? given : null;
            properties = kind.IsRelation ? [] : (JsonObject)body["properties"]!.DeepClone();
        }

        var policy = FolderFiles.Join(folder, FolderLayout.PolicyFile);
        if (kind == FolderLayout.Fragments && _files.Exists(policy) && _files.Read(policy) is { } document)
        {
            (properties["format"], properties["value"], present, file) = ("rawxml", document, true, policy);
        }

        var definition = kind == FolderLayout.Apis ? ReadDefinition(folder) : null;
        if (present)
        {
            Add(new(kind, path, properties) { File = file, LinkName = link, Definition = definition });
        }
        else if (definition is not null)
        {
            _files.Problems.Add(new(definition.File, null, $"has no {kind.File} beside it, which says where the API is."));
        }
    }

    private ApiDefinition? ReadDefinition(string folder)
    {
        var found = FolderLayout.SpecificationFiles.Where(name => _files.Exists(FolderFiles.Join(folder, name))).ToList();
        if (found.Count == 0)
        {
            return null;
        }

        var file = FolderFiles.Join(folder, found[0]);
        if (found.Count > 1)
        {
            _files.Problems.Add(new(file, null, $"is one of several definitions of the same API: {string.Join(", ", found)}. Keep one."));
            return null;
        }

        if (_files.Read(file) is not { } text)
        {
            return null;
        }

        var (definition, problem) = ApiDefinition.Read(file, text);
        if (problem is not null)
        {
            _files.Problems.Add(new(file, null, problem));
        }

        return definition;
    }

    private void ReadPolicy(FolderKind kind, string parent, string folder)
    {
        var file = FolderFiles.Join(folder, FolderLayout.PolicyFile);
        if (_files.Exists(file) && _files.Read(file) is { } text)
        {
            Add(new(kind, ResourcePath.Join(parent, "policies", "policy"), new() { ["format"] = "rawxml", ["value"] = text }) { File = file });
        }
    }

    /// <summary>The folder has what is tagged below the tag; the service has the tag below what is tagged.</summary>
    private void ReadTagged(FolderKind kind, string tag, string folder)
    {
        foreach (var entry in _files.Folders(folder))
        {
            var file = FolderFiles.Join(FolderFiles.Join(folder, entry), kind.File);
            if (FolderNames.Decode(entry) is { } name && _files.Exists(file) && _files.Read(file) is { } text
                && FolderJson.ParseResource(file, text, needsProperties: false, _files.Problems) is not null)
            {
                Add(new(kind, ResourcePath.Join($"{kind.Parent}/{name}", "tags", tag), []) { File = file });
            }
        }
    }

    private void NoteFiles(FolderKind kind, string folder)
    {
        foreach (var name in _files.Files(folder))
        {
            if (name != kind.File && !(name == FolderLayout.PolicyFile && (kind.HasPolicyText || FolderLayout.Below(kind.Type).Any(child => child.HasPolicyText)))
                && !(kind == FolderLayout.Apis && FolderLayout.SpecificationFiles.Contains(name))
                && !Silent.Contains(name) && !RelationLists.Names.Contains(name))
            {
                _notes.Add(new(FolderFiles.Join(folder, name), null, $"is no file of the layout; a resource's file there is {kind.File}."));
            }
        }
    }

    private void Add(ConfigurationResource resource)
    {
        if (!_resources.TryAdd(resource.Path, resource) && !resource.Kind.IsRelation)
        {
            _files.Problems.Add(new(resource.File!, null, $"is the same resource as {_resources[resource.Path].File}: names don't differ by case."));
        }
    }
}

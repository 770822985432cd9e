using System.Text.Json.Nodes;

namespace Postern.Configuration.Folder;

/// <summary>
/// The form that older versions of APIOps gave relations: one file with a list of names, <c>products/starter/apis.json</c>. Read, never
/// written.
/// </summary>
internal static class RelationLists
{
    public const string OlderVersionSetFile = "apiVersionSetInformation.json";

    private static readonly Dictionary<(string Type, string File), FolderKind> Lists = new()
    {
        [("products", "apis.json")] = FolderLayout.ProductApis,
        [("products", "groups.json")] = FolderLayout.ProductGroups,
        [("products", "tags.json")] = FolderLayout.ProductTags,
        [("gateways", "apis.json")] = FolderLayout.GatewayApis,
        [("apis", "tags.json")] = FolderLayout.ApiTags,
    };

    public static readonly IReadOnlySet<string> Names = Lists.Keys.Select(key => key.File).Append(OlderVersionSetFile).ToHashSet(StringComparer.Ordinal);

    public static void Read(FolderFiles files, string type, string path, string folder, Action<ConfigurationResource> add)
    {
        foreach (var ((owner, name), kind) in Lists)
        {
            var file = FolderFiles.Join(folder, name);
            if (owner != type || !files.Exists(file) || files.Read(file) is not { } text || FolderJson.Parse(file, text, files.Problems) is not { } list)
            {
                continue;
            }

            foreach (var item in list as JsonArray ?? [null])
            {
                if (item is JsonObject entry && entry["name"] is JsonValue value && value.TryGetValue<string>(out var target) && FolderNames.Decode(target) == target)
                {
                    add(new(kind, ResourcePath.Join(path, kind.Collection, target), []) { File = file });
                }
                else
                {
                    files.Problems.Add(new(file, 1, "must hold a list of {\"name\": \"…\"}."));
                    break;
                }
            }
        }
    }
}

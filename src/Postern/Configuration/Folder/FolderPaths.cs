namespace Postern.Configuration.Folder;

/// <summary>The folder of a resource, from its path in the service.</summary>
internal static class FolderPaths
{
    /// <returns>With slashes; empty for the policy of the whole service.</returns>
    public static string Of(FolderKind kind, string path)
    {
        var steps = path.Split('/');
        if (kind == FolderLayout.ApiTags || kind == FolderLayout.ProductTags)
        {
            return $"tags/{FolderNames.Encode(steps[3])}/{steps[0]}/{FolderNames.Encode(steps[1])}";
        }

        var folders = new List<string>();
        var type = "";
        for (var i = 0; i + 1 < steps.Length; i += 2)
        {
            type = type.Length == 0 ? steps[i] : $"{type}/{steps[i]}";
            var step = FolderLayout.Of(type);
            if (step.Listing != Listing.Policy)
            {
                folders.Add(step.Folder);
                folders.Add(FolderNames.Encode(steps[i + 1]));
            }
        }

        return string.Join('/', folders);
    }
}

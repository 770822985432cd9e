using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Postern.Configuration.Folder;

namespace Postern.Configuration.Service;

/// <summary>Resources of the service in the folder's terms: ids from the service on, policies as rawxml.</summary>
internal sealed class ServiceReader(ServiceClient client, int parallel)
{
    private static readonly (string Links, string Member, FolderKind Kind)[] TagLinks =
    [
        ("apiLinks", "apiId", FolderLayout.ApiTags), ("productLinks", "productId", FolderLayout.ProductTags), ("operationLinks", "operationId", FolderLayout.OperationTags),
    ];

    /// <summary>Every member of a collection; none when the parent does not exist.</summary>
    /// <exception cref="ServiceException">It can't be read.</exception>
    public async Task<IReadOnlyList<ConfigurationResource>> ListAsync(FolderKind kind, string parent, CancellationToken cancellation)
    {
        if (kind.Listing == Listing.Policy)
        {
            return await FindAsync(kind, ResourcePath.Join(parent, kind.Collection, "policy"), cancellation) is { } policy ? [policy] : [];
        }

        if (kind == FolderLayout.ProductGroups)
        {
            var links = await client.ListAsync($"{parent}/groupLinks", cancellation);
            return [.. links.Select(link => new ConfigurationResource(kind, ResourcePath.Join(parent, kind.Collection, ResourcePath.NameOf(Text(link, "groupId"))), [])
            {
                LinkName = Name(link),
            })];
        }

        var items = await client.ListAsync(parent.Length == 0 ? kind.Collection : $"{parent}/{kind.Collection}", cancellation);
        var listed = items.Select(item => new ConfigurationResource(
            kind, ResourcePath.Join(parent, kind.Collection, Name(item)), kind.IsRelation ? [] : Read(kind, item["properties"] as JsonObject)));
        return kind.Listing == Listing.Names ? await EachAsync(kind, listed.Select(item => item.Path), cancellation) : [.. listed];
    }

    /// <summary>What has a tag.</summary>
    public async Task<IReadOnlyList<ConfigurationResource>> ListTaggedAsync(string tag, CancellationToken cancellation)
    {
        var tagged = new List<ConfigurationResource>();
        foreach (var (links, member, kind) in TagLinks)
        {
            foreach (var link in await client.ListAsync($"tags/{tag}/{links}", cancellation))
            {
                var target = string.Join('/', Text(link, member).Split('/').TakeLast(kind == FolderLayout.OperationTags ? 4 : 2));
                tagged.Add(new(kind, ResourcePath.Join(target, "tags", tag), []));
            }
        }

        return tagged;
    }

    /// <returns>Null when there is none.</returns>
    public async Task<ConfigurationResource?> FindAsync(FolderKind kind, string path, CancellationToken cancellation)
    {
        var answer = await client.GetAsync(path, cancellation, kind.HasPolicyText ? "format=rawxml" : "");
        return answer.Status == 404 ? null
            : answer.IsSuccess ? new(kind, path, Read(kind, answer.Properties))
            : throw new ServiceException($"{path} can't be read. {answer.Error()}");
    }

    /// <summary>Reads several at a time; those that are not there are left out.</summary>
    public async Task<IReadOnlyList<ConfigurationResource>> EachAsync(FolderKind kind, IEnumerable<string> paths, CancellationToken cancellation)
    {
        var found = new ConcurrentBag<ConfigurationResource>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellation };
        await Parallel.ForEachAsync(paths, options, async (path, stop) =>
        {
            if (await FindAsync(kind, path, stop) is { } resource)
            {
                found.Add(resource);
            }
        });
        return [.. found.OrderBy(resource => resource.Path, StringComparer.Ordinal)];
    }

    /// <summary>What answers don't show, by the call that gives it. Null when the caller may not, or nothing gives it.</summary>
    public async Task<JsonObject?> SecretsAsync(FolderKind kind, string path, CancellationToken cancellation)
    {
        if (kind.SecretsAction is null)
        {
            return null;
        }

        var answer = await client.PostAsync($"{path}/{kind.SecretsAction}", null, cancellation);
        if (answer is not { IsSuccess: true, Body: { } secrets })
        {
            return null;
        }

        // A gateway's keys are called otherwise in the answer than in the resource.
        return kind == FolderLayout.Gateways
            ? new() { ["primaryKey"] = secrets["primary"]?.DeepClone(), ["secondaryKey"] = secrets["secondary"]?.DeepClone() }
            : secrets;
    }

    /// <summary>An API's definition as the service writes it; null when it can't write one.</summary>
    /// <param name="format">Such as <c>openapi-link</c>.</param>
    public async Task<string?> ExportAsync(string api, string format, CancellationToken cancellation)
    {
        var answer = await client.GetAsync(api, cancellation, $"export=true&format={Uri.EscapeDataString(format)}");
        var value = answer.Body?["value"] as JsonObject ?? answer.Properties["value"] as JsonObject;
        return answer.IsSuccess && value?["link"]?.ToString() is { } link ? await client.DownloadAsync(link, cancellation) : null;
    }

    private static JsonObject Read(FolderKind kind, JsonObject? properties) => References.Relative(kind, properties ?? []);

    private static string Name(JsonObject item) => item["name"]?.ToString() ?? "";

    private static string Text(JsonObject item, string member) => item["properties"]?[member]?.ToString() ?? "";
}

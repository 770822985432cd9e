using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Postern.Configuration.Folder;
using Postern.Configuration.Service;

namespace Postern.Configuration.Export;

/// <summary>Reads a whole service.</summary>
internal sealed class ServiceExport(ServiceReader reader, ExportOptions options)
{
    private readonly ConcurrentBag<ConfigurationResource> _resources = [];
    private readonly ConcurrentDictionary<string, (string File, string Text)> _definitions = new(ResourcePath.Comparer);

    private ParallelOptions Several(CancellationToken cancellation) => new() { MaxDegreeOfParallelism = options.Parallel, CancellationToken = cancellation };

    /// <exception cref="ServiceException">Something can't be read.</exception>
    public async Task<ExportedService> ReadAsync(CancellationToken cancellation)
    {
        foreach (var kind in FolderLayout.Below(""))
        {
            var listed = await reader.ListAsync(kind, "", cancellation);
            foreach (var resource in listed.Where(IsOurs))
            {
                _resources.Add(resource);
            }

            await Parallel.ForEachAsync(listed, Several(cancellation), async (resource, stop) => await ReadBelowAsync(resource, stop));
        }

        var secrets = options.WithSecrets ? await new SecretExport(reader).ReadAsync([.. _resources], cancellation) : null;
        return new([.. _resources.OrderBy(resource => resource.Path, StringComparer.Ordinal)], _definitions.ToDictionary(ResourcePath.Comparer), secrets);
    }

    private async Task ReadBelowAsync(ConfigurationResource resource, CancellationToken cancellation)
    {
        if (resource.Kind == FolderLayout.Tags)
        {
            Add(await reader.ListTaggedAsync(resource.Name, cancellation));
            return;
        }

        if (resource.Kind == FolderLayout.Apis)
        {
            await ReadApiAsync(resource, cancellation);
        }

        foreach (var kind in FolderLayout.Below(resource.Kind.Type))
        {
            if (kind == FolderLayout.ApiTags || kind == FolderLayout.ProductTags || kind == FolderLayout.OperationTags || kind == FolderLayout.Operations || kind == FolderLayout.Schemas
                || (kind == FolderLayout.Releases && ResourcePath.IsRevision(resource.Name)))
            {
                continue;
            }

            Add(await reader.ListAsync(kind, resource.Path, cancellation));
        }
    }

    /// <summary>The definition says most of an API's operations and schemas; what it can't say gets a file of its own.</summary>
    private async Task ReadApiAsync(ConfigurationResource api, CancellationToken cancellation)
    {
        var operations = await reader.ListAsync(FolderLayout.Operations, api.Path, cancellation);
        var schemas = await reader.ListAsync(FolderLayout.Schemas, api.Path, cancellation);
        var defined = await DefineAsync(api, schemas, cancellation);
        Add(operations.Concat(schemas).Where(resource =>
            !defined.TryGetValue(resource.Path, out var said) || MemberDifferences(resource, said)));
        foreach (var operation in operations)
        {
            Add(await reader.ListAsync(FolderLayout.Of("apis/operations/policies"), operation.Path, cancellation));
        }

        static bool MemberDifferences(ConfigurationResource resource, JsonObject said) =>
            Import.MemberDifferences.Of(resource.Kind, said, resource.Properties).Count > 0;
    }

    /// <returns>What an import would make of the definition, by path.</returns>
    private async Task<Dictionary<string, JsonObject>> DefineAsync(ConfigurationResource api, IReadOnlyList<ConfigurationResource> schemas, CancellationToken cancellation)
    {
        var (file, text) = (api.Properties["type"]?.ToString() ?? "http") switch
        {
            "http" => options.Json
                ? ("specification.json", await reader.ExportAsync(api.Path, "openapi+json-link", cancellation))
                : ("specification.yaml", await reader.ExportAsync(api.Path, "openapi-link", cancellation)),
            "graphql" => ("specification.graphql", schemas.FirstOrDefault(schema => schema.Name == "graphql")?.Properties["document"]?["value"]?.ToString()),
            _ => ("", null),
        };
        if (text is null || ApiDefinition.Read(file, text) is not ({ } definition, _))
        {
            return [];
        }

        _definitions[api.Path] = (file, text);
        return definition.Api.Operations.Select(pair => (Path: ResourcePath.Join(api.Path, "operations", pair.Key), pair.Value))
            .Concat(definition.Api.Schemas.Select(pair => (Path: ResourcePath.Join(api.Path, "schemas", pair.Key), pair.Value)))
            .ToDictionary(pair => pair.Path, pair => pair.Value, ResourcePath.Comparer);
    }

    private void Add(IEnumerable<ConfigurationResource> resources)
    {
        foreach (var resource in resources.Where(IsOurs))
        {
            _resources.Add(resource);
        }
    }

    /// <summary>What every service has anyway; a backup keeps the built-in subscription's keys and the built-in user's address all the same.</summary>
    private bool IsOurs(ConfigurationResource resource) => resource.Path.ToLowerInvariant() switch
    {
        "groups/administrators" or "groups/developers" or "groups/guests" or "groups/administrators/users/1" => false,
        "subscriptions/master" or "users/1" => options.WithSecrets,
        _ => true,
    };
}

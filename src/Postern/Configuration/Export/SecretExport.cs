using System.Text.Json.Nodes;
using Postern.Configuration.Folder;
using Postern.Configuration.Import;
using Postern.Configuration.Service;

namespace Postern.Configuration.Export;

/// <summary>The secrets of a service, through the calls that list them, in the form of an overriding configuration file.</summary>
internal sealed class SecretExport(ServiceReader reader)
{
    public async Task<SecretsOfService> ReadAsync(IReadOnlyList<ConfigurationResource> resources, CancellationToken cancellation)
    {
        var (sections, missing) = (new JsonObject(), new List<string>());
        foreach (var resource in resources.OrderBy(resource => resource.Path, StringComparer.Ordinal))
        {
            var secrets = await OfAsync(resource, missing, cancellation);
            if (secrets.Count > 0)
            {
                if (sections[resource.Kind.Section] is not JsonArray section)
                {
                    sections[resource.Kind.Section] = section = [];
                }

                section.Add(new JsonObject { ["name"] = resource.Name, ["properties"] = secrets });
            }
        }

        return new(sections, missing);
    }

    private async Task<JsonObject> OfAsync(ConfigurationResource resource, List<string> missing, CancellationToken cancellation)
    {
        var kind = resource.Kind;
        var secrets = new JsonObject();
        foreach (var member in SecretMembers.Shown(kind, resource.Properties).Select(place => place.Path.Split('.', '[')[0]).Distinct(StringComparer.Ordinal))
        {
            secrets[member] = resource.Properties[member]?.DeepClone();
        }

        if (kind.SecretsAction is null || resource.Properties["keyVault"] is not null || (kind == FolderLayout.NamedValues && resource.Properties["value"] is not null))
        {
            return secrets;
        }

        if (await reader.SecretsAsync(kind, resource.Path, cancellation) is not { } given)
        {
            missing.Add(resource.Path);
            return secrets;
        }

        foreach (var (name, value) in given)
        {
            if (kind.Hidden.Contains(name) || kind.Restored.Contains(name))
            {
                secrets[name] = value?.DeepClone();
            }
        }

        return secrets;
    }
}

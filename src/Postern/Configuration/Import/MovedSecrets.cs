using System.Text.Json.Nodes;
using Postern.Configuration.Folder;
using Postern.Configuration.Service;

namespace Postern.Configuration.Import;

/// <summary>
/// Credentials of loggers and caches: the service keeps them as named values and shows a reference. Where the folder has the text itself,
/// the reference is read back, or it would differ for ever.
/// </summary>
internal static class MovedSecrets
{
    public static async Task PutBackAsync(ServiceReader reader, ConfigurationResource resource, JsonObject actual, CancellationToken cancellation)
    {
        foreach (var (wanted, existing, member) in Places(resource, actual))
        {
            if (Text(wanted[member]) is not { Length: > 0 } plain || Text(existing[member]) is not { } reference || plain == reference
                || PolicyTexts.NamedValues(reference).ToList() is not [var name] || reference != $"{{{{{name}}}}}")
            {
                continue;
            }

            var values = await reader.ListAsync(FolderLayout.NamedValues, "", cancellation);
            if (values.FirstOrDefault(value => Text(value.Properties["displayName"]) == name) is { } named)
            {
                existing[member] = Text(named.Properties["value"])
                    ?? (await reader.SecretsAsync(FolderLayout.NamedValues, named.Path, cancellation))?["value"]?.ToString()
                    ?? reference;
            }
        }
    }

    private static IEnumerable<(JsonObject Wanted, JsonObject Existing, string Member)> Places(ConfigurationResource resource, JsonObject actual)
    {
        if (resource.Kind == FolderLayout.Caches)
        {
            yield return (resource.Properties, actual, "connectionString");
        }
        else if (resource.Kind == FolderLayout.Loggers && resource.Properties["credentials"] is JsonObject wanted && actual["credentials"] is JsonObject existing)
        {
            foreach (var member in wanted.Select(member => member.Key).ToList())
            {
                yield return (wanted, existing, member);
            }
        }
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}

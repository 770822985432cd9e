using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Postern.Configuration.Folder;
using Postern.Configuration.Service;

namespace Postern.Configuration.Import;

/// <param name="Step">Null when nothing is to be done.</param>
internal sealed record Compared(ImportStep? Step, IReadOnlyList<FolderProblem> Problems, IReadOnlyList<FolderProblem> Notes);

/// <summary>One resource of the folder against the service's: to be created, to be changed, the same, or not possible.</summary>
/// <param name="restore">Members that a service sets by itself count too.</param>
internal sealed class Comparison(ServiceReader reader, bool restore, IReadOnlyDictionary<string, ConfigurationResource> folder)
{
    /// <summary>Filled from a definition where the folder is silent.</summary>
    public static readonly IReadOnlySet<string> FromDefinition =
        new HashSet<string>(StringComparer.Ordinal) { "displayName", "description", "serviceUrl", "protocols", "type", "termsOfServiceUrl", "contact", "license" };

    public async Task<IReadOnlyList<Compared>> OfAsync(
        IReadOnlyList<ConfigurationResource> wanted, ServiceState state, int parallel, CancellationToken cancellation)
    {
        var outcomes = new ConcurrentBag<(string Path, Compared Outcome)>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellation };
        await Parallel.ForEachAsync(wanted, options, async (resource, stop) => outcomes.Add((resource.Path, await OfAsync(resource, state.Find(resource.Path), stop))));
        return [.. outcomes.OrderBy(pair => pair.Path, StringComparer.Ordinal).Select(pair => pair.Outcome)];
    }

    public async Task<Compared> OfAsync(ConfigurationResource resource, ConfigurationResource? service, CancellationToken cancellation)
    {
        var properties = (JsonObject)resource.Properties.DeepClone();
        var missing = SecretMembers.Fill(properties, service?.Properties).ToList();
        DropKnownCertificate(resource.Kind, properties, service);
        missing.AddRange(Needed(resource.Kind, properties, service));
        if (missing.Count > 0)
        {
            return new(null, [.. missing.Select(member => new FolderProblem(resource.File ?? resource.Path, null, Missing(resource, member)))], []);
        }

        resource = resource with { Properties = properties };
        if (service is null)
        {
            return new(new(StepAction.Create, resource, []), [], []);
        }

        var (actual, note) = await RevealAsync(resource, service, cancellation);
        var differences = Differences(resource, actual);
        return new(differences.Count == 0 ? null : new(StepAction.Change, resource, differences), [], note is null ? [] : [note]);
    }

    private IReadOnlyList<MemberDifference> Differences(ConfigurationResource resource, JsonObject actual)
    {
        var kind = resource.Kind;
        if (kind.IsRelation)
        {
            return [];
        }

        var differences = MemberDifferences.Of(kind, resource.Properties, actual, resource.Definition is null ? null : FromDefinition)
            .Where(difference => !kind.HasPolicyText || difference.Path != "value"
                || !PolicyTexts.Same(difference.After?.ToString() ?? "", difference.Before?.ToString() ?? ""))
            .Where(difference => resource.Kind != FolderLayout.Operations || !difference.Path.EndsWith("schemaId", StringComparison.Ordinal)).ToList();
        if (restore)
        {
            differences.AddRange(kind.Restored
                .Where(member => resource.Properties[member] is not null && !MemberDifferences.Same(resource.Properties[member], actual[member]))
                .Select(member => new MemberDifference(member, actual[member]?.DeepClone(), resource.Properties[member]?.DeepClone())));
        }

        return differences;
    }

    /// <summary>What answers hide, where the folder has it; and what the service moved to a named value.</summary>
    private async Task<(JsonObject Actual, FolderProblem? Note)> RevealAsync(ConfigurationResource resource, ConfigurationResource service, CancellationToken cancellation)
    {
        var actual = (JsonObject)service.Properties.DeepClone();
        var hidden = resource.Kind.Hidden.Concat(restore ? resource.Kind.Restored : []).Where(member => resource.Properties[member] is not null && actual[member] is null).ToList();
        if (hidden.Count > 0 && resource.Kind.SecretsAction is not null && resource.Kind != FolderLayout.Certificates)
        {
            if (await reader.SecretsAsync(resource.Kind, service.Path, cancellation) is not { } secrets)
            {
                var told = new FolderProblem(resource.File ?? resource.Path, null, $"the service does not tell {string.Join(" and ", hidden)}, so it is written whether it differs or not.");
                return (actual, told);
            }

            foreach (var member in hidden)
            {
                actual[member] = secrets[member]?.DeepClone();
            }
        }

        await MovedSecrets.PutBackAsync(reader, resource, actual, cancellation);
        return (actual, null);
    }

    /// <summary>A certificate's file never comes back; its thumbprint says whether the service has it.</summary>
    private static void DropKnownCertificate(FolderKind kind, JsonObject properties, ConfigurationResource? service)
    {
        if (kind == FolderLayout.Certificates && properties["data"]?.ToString() is { Length: > 0 } data && Thumbprint(data, properties["password"]?.ToString()) is { } thumbprint)
        {
            properties["thumbprint"] = thumbprint;
            if (service?.Properties["thumbprint"]?.ToString() is { } existing && existing.Equals(thumbprint, StringComparison.OrdinalIgnoreCase))
            {
                properties.Remove("data");
                properties.Remove("password");
                properties["thumbprint"] = existing;
            }
        }
    }

    private static string? Thumbprint(string data, string? password)
    {
        try
        {
            using var certificate = X509CertificateLoader.LoadPkcs12(Convert.FromBase64String(data), password, X509KeyStorageFlags.EphemeralKeySet);
            return certificate.Thumbprint;
        }
        catch (Exception broken) when (broken is FormatException or CryptographicException)
        {
            return null; // The service says what is wrong with it.
        }
    }

    /// <summary>Secrets without which the service refuses the resource.</summary>
    private static IEnumerable<string> Needed(FolderKind kind, JsonObject properties, ConfigurationResource? service)
    {
        if (properties["keyVault"] is JsonObject)
        {
            yield break;
        }

        var isSecret = properties["secret"] is JsonValue flag && flag.TryGetValue<bool>(out var secret) && secret;
        if (kind == FolderLayout.NamedValues && properties["value"] is null && (service is null || !isSecret))
        {
            yield return "value";
        }

        if (kind == FolderLayout.Certificates && properties["data"] is null
            && (service is null || (properties["thumbprint"] is { } wanted && !MemberDifferences.Same(wanted, service.Properties["thumbprint"]))))
        {
            yield return "data";
        }
    }

    private string Missing(ConfigurationResource resource, string member)
    {
        var kind = folder.TryGetValue(resource.ParentPath, out var parent) ? $"{parent.Kind.Section}: - name: {parent.Name}, " : "";
        return $"the secret '{member}' of {resource.Path} is in neither the folder nor the service. Give it in an overriding file: "
            + $"{kind}{resource.Kind.Section}: - name: {resource.Name}, properties: {member}.";
    }
}

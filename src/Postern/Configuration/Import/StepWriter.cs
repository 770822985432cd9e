using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Postern.Configuration.Folder;
using Postern.Configuration.Service;

namespace Postern.Configuration.Import;

/// <summary>Writes one step to the service.</summary>
internal sealed class StepWriter(ServiceClient client, bool restore, IReadOnlySet<string> folder)
{
    private readonly ConcurrentBag<FolderProblem> _notes = [];

    public IEnumerable<FolderProblem> Notes => _notes;

    /// <returns>Null when it is done; otherwise what the service said.</returns>
    public Task<string?> WriteAsync(ImportStep step, CancellationToken cancellation) => step.Action switch
    {
        StepAction.Delete => DeleteAsync(step.Resource, cancellation),
        StepAction.MakeCurrent => MakeCurrentAsync(step.Resource, cancellation),
        StepAction.Change => ChangeAsync(step, cancellation),
        _ => CreateAsync(step.Resource, cancellation),
    };

    private async Task<string?> CreateAsync(ConfigurationResource resource, CancellationToken cancellation)
    {
        var kind = resource.Kind;
        if (kind == FolderLayout.ProductGroups && resource.LinkName is { } link)
        {
            var body = new JsonObject { ["properties"] = new JsonObject { ["groupId"] = $"{client.ServiceId}/groups/{resource.Name}" } };
            return Error(await client.PutAsync($"{resource.ParentPath}/groupLinks/{link}", body, null, cancellation));
        }

        if (kind.IsRelation)
        {
            return Error(await client.PutAsync(resource.Path, [], null, cancellation));
        }

        var properties = Body(resource);
        if (kind == FolderLayout.Apis)
        {
            properties["apiRevision"] = resource.Properties["apiRevision"]?.DeepClone();
            if (resource.Definition is { Format: { } format } definition)
            {
                (properties["format"], properties["value"]) = (format, definition.Text);
                if (format == "wsdl")
                {
                    properties["apiType"] = "soap";
                }
            }
        }

        if (kind == FolderLayout.Releases && await CreateReleaseAsync(resource, properties, cancellation) is { } refused)
        {
            return refused;
        }

        var answer = await client.PutAsync(resource.Path, new() { ["properties"] = properties }, null, cancellation);
        if (answer.IsSuccess && resource.Definition is not null && IsOtherwise(resource, answer.Properties))
        {
            // The folder says that something is not there, and the definition brought it.
            answer = await client.PutAsync(resource.Path, new() { ["properties"] = Body(resource) }, answer.ETag, cancellation);
        }

        return Error(answer) ?? (kind == FolderLayout.Products ? await RemoveExtrasAsync(resource, cancellation) : await RestoreAsync(resource, kind.Restored, cancellation));
    }

    private static bool IsOtherwise(ConfigurationResource resource, JsonObject answered) =>
        MemberDifferences.Of(resource.Kind, resource.Properties, References.Relative(resource.Kind, answered), Comparison.FromDefinition).Count > 0;

    /// <summary>
    /// A new release makes its revision current. One that is history is made for the current revision, which changes nothing, and then
    /// told which revision it was for.
    /// </summary>
    private async Task<string?> CreateReleaseAsync(ConfigurationResource resource, JsonObject properties, CancellationToken cancellation)
    {
        if (resource.Properties["apiId"]?.ToString() is not { } api || !ResourcePath.IsRevision(api))
        {
            return null;
        }

        var first = (JsonObject)properties.DeepClone();
        first["apiId"] = $"{client.ServiceId}/{resource.ParentPath}";
        return Error(await client.PutAsync(resource.Path, new() { ["properties"] = first }, null, cancellation));
    }

    private async Task<string?> ChangeAsync(ImportStep step, CancellationToken cancellation)
    {
        var resource = step.Resource;
        var restored = step.Differences.Where(difference => resource.Kind.Restored.Contains(difference.Path)).Select(difference => difference.Path).ToList();
        if (restored.Count < step.Differences.Count)
        {
            var now = await client.GetAsync(resource.Path, cancellation, resource.Kind.HasPolicyText ? "format=rawxml" : "");
            var body = Body(resource);
            foreach (var member in resource.Definition is null ? [] : Comparison.FromDefinition.Where(member => !body.ContainsKey(member)))
            {
                body[member] = now.Properties[member]?.DeepClone();
            }

            // The tag of what was read a moment ago: whoever writes in between is not overwritten.
            var answer = resource.Kind.IsPatched
                ? await client.PatchAsync(resource.Path, new() { ["properties"] = Patch(step, body) }, now.ETag ?? "*", cancellation)
                : await client.PutAsync(resource.Path, new() { ["properties"] = body }, now.ETag, cancellation);
            if (Error(answer) is { } error)
            {
                return error;
            }
        }

        return await RestoreAsync(resource, restored, cancellation);
    }

    /// <summary>What differs, and nothing else.</summary>
    private static JsonObject Patch(ImportStep step, JsonObject body)
    {
        var patch = new JsonObject();
        foreach (var name in step.Differences.Select(difference => difference.Path.Split('.', '[')[0]).Where(name => !step.Resource.Kind.ReadOnly.Contains(name)))
        {
            patch[name] = body[name]?.DeepClone();
        }

        return patch;
    }

    private async Task<string?> RestoreAsync(ConfigurationResource resource, IEnumerable<string> members, CancellationToken cancellation)
    {
        var body = new JsonObject();
        foreach (var member in members.Where(member => restore && resource.Properties[member] is not null))
        {
            body[member] = resource.Properties[member]!.DeepClone();
        }

        if (body.Count == 0)
        {
            return null;
        }

        var answer = await client.PostAsync($"{resource.Path}/restore", new() { ["properties"] = body }, cancellation);
        if (answer.Status is 404 or 405)
        {
            _notes.Add(new(resource.File ?? resource.Path, null, $"this service can't take back {string.Join(", ", body.Select(member => member.Key))}."));
            return null;
        }

        return Error(answer);
    }

    private async Task<string?> DeleteAsync(ConfigurationResource resource, CancellationToken cancellation)
    {
        var answer = await client.DeleteAsync(resource.Path, resource.Kind == FolderLayout.Apis && !ResourcePath.IsRevision(resource.Name) ? "deleteRevisions=true" : "", cancellation);
        return answer.Status == 404 ? null : Error(answer);
    }

    /// <summary>A release for the revision; it has done its work when it is made.</summary>
    private async Task<string?> MakeCurrentAsync(ConfigurationResource api, CancellationToken cancellation)
    {
        var number = api.Properties["apiRevision"]!.ToString();
        var revision = $"apis/{ResourcePath.Revision(api.Name, number)}";
        if ((await client.GetAsync(revision, cancellation)).Status == 404)
        {
            var copy = new JsonObject { ["apiRevision"] = number, ["sourceApiId"] = $"{client.ServiceId}/{api.Path}", ["path"] = api.Properties["path"]?.DeepClone() };
            if (Error(await client.PutAsync(revision, new() { ["properties"] = copy }, null, cancellation)) is { } refused)
            {
                return refused;
            }
        }

        var release = $"{api.Path}/releases/make-revision-{number}-current";
        var body = new JsonObject { ["properties"] = new JsonObject { ["apiId"] = $"{client.ServiceId}/{revision}", ["notes"] = "Made by postern config import" } };
        return Error(await client.PutAsync(release, body, null, cancellation)) ?? Error(await client.DeleteAsync(release, "", cancellation));
    }

    /// <summary>A new product comes with groups and subscriptions that nobody asked for.</summary>
    private async Task<string?> RemoveExtrasAsync(ConfigurationResource product, CancellationToken cancellation)
    {
        foreach (var link in await client.ListAsync($"{product.Path}/groupLinks", cancellation))
        {
            var group = ResourcePath.NameOf(link["properties"]?["groupId"]?.ToString() ?? "");
            if (!folder.Contains($"{product.Path}/groups/{group}") && Error(await client.DeleteAsync($"{product.Path}/groupLinks/{link["name"]}", "", cancellation)) is { } error)
            {
                return error;
            }
        }

        foreach (var name in (await client.ListAsync($"{product.Path}/subscriptions", cancellation)).Select(subscription => subscription["name"]?.ToString()))
        {
            if (!folder.Contains($"subscriptions/{name}") && Error(await client.DeleteAsync($"subscriptions/{name}", "", cancellation)) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    private JsonObject Body(ConfigurationResource resource)
    {
        var properties = References.Absolute(resource.Kind, resource.Properties, client.ServiceId);
        foreach (var member in resource.Kind.ReadOnly)
        {
            properties.Remove(member);
        }

        if (resource.Kind == FolderLayout.Certificates)
        {
            properties.Remove("thumbprint");
        }

        return properties;
    }

    private static string? Error(ServiceAnswer answer) =>
        answer.IsSuccess ? null
        : answer.Status == 412 ? "Somebody else changed it a moment ago. Import again to see what differs now."
        : answer.Error();
}

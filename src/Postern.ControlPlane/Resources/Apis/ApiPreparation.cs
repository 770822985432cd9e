using System.Text.Json.Nodes;
using Postern.ControlPlane.Import;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Apis;

/// <summary>What happens to an API between the request and the store: clone, import, defaults, cross-member rules, claim of its path.</summary>
internal sealed class ApiPreparation(KindServices services)
{
    private readonly ApiImport _import = new(services);
    private readonly ApiClone _clone = new(services);

    public async ValueTask<ArmError?> PrepareAsync(ResourceChange change, CancellationToken cancellation)
    {
        var properties = change.Properties;
        if (change.Input.Text("sourceApiId") is { } source && change.Existing is null
            && await _clone.FillAsync(change, source, cancellation) is { } refused)
        {
            return refused;
        }

        if (change.Input["value"] is not null || change.Input["format"] is not null)
        {
            if (await _import.ImportAsync(change, cancellation) is { } failed)
            {
                return failed;
            }
        }

        Fill(change, properties);
        CheckPath(change, properties);
        CheckType(change, properties);
        await CheckVersionAsync(change, properties, cancellation);
        CheckServiceUrl(change, properties);
        if (change.Problems.Count == 0 && properties.Flag("isCurrent") == true)
        {
            Uniqueness.Claim(
                change, change.ParentId, "apis.path", change.PropertiesBefore is { } before ? PathClaim(before) : null, PathClaim(properties), "path");
        }

        return null;
    }

    /// <summary>Only one current API may answer at a path in a version.</summary>
    public static string PathClaim(JsonObject properties) =>
        $"{properties.Text("path")?.ToLowerInvariant()}|{properties.Text("apiVersionSetId")?.ToLowerInvariant()}|{properties.Text("apiVersion")?.ToLowerInvariant()}";

    private static void Fill(ResourceChange change, JsonObject properties)
    {
        var before = change.PropertiesBefore;
        var isRevision = ApiRevisions.TrySplit(change.Name, out _, out var revision);
        properties["apiRevision"] = isRevision ? revision : before?.Text("apiRevision") ?? properties.Text("apiRevision") ?? "1";
        properties["isCurrent"] = !isRevision;
        properties["type"] ??= change.Input.Text("apiType") ?? before?.Text("type") ?? "http";
        properties["displayName"] ??= before?.Text("displayName");
        properties["subscriptionRequired"] ??= before?.Flag("subscriptionRequired") ?? true;
        if (properties["protocols"] is not JsonArray { Count: > 0 })
        {
            properties["protocols"] = properties.Text("type") is "websocket" ? ArmJson.Texts(["wss"]) : ArmJson.Texts(["https"]);
        }

        var names = properties["subscriptionKeyParameterNames"] as JsonObject ?? [];
        names["header"] ??= "Ocp-Apim-Subscription-Key";
        names["query"] ??= "subscription-key";
        properties["subscriptionKeyParameterNames"] ??= names;
        if (properties.Text("path") is { } path)
        {
            properties["path"] = path.Trim('/');
        }
    }

    private static void CheckPath(ResourceChange change, JsonObject properties)
    {
        if (properties.Text("path") is not { } path)
        {
            change.Problem("path", "'path' must be given.");
        }
        else if (path.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '?' or '#' or '*' or '\\' or '{' or '}') || path.Contains("//", StringComparison.Ordinal))
        {
            change.Problem("path", $"'path' must be a relative URL path without wildcards, query or empty segments; '{path}' is not.");
        }

        if (properties.Text("displayName") is not { Length: > 0 })
        {
            change.Problem("displayName", "'displayName' must be given.");
        }
    }

    private static void CheckType(ResourceChange change, JsonObject properties)
    {
        var socket = properties.Text("type") is "websocket";
        var protocols = (properties["protocols"] as JsonArray ?? []).Select(node => node?.GetValue<string>());
        if (protocols.Any(protocol => (protocol is "ws" or "wss") != socket))
        {
            change.Problem("protocols", socket ? "A WebSocket API has the protocols ws and wss only." : "The protocols ws and wss are for WebSocket APIs.");
        }
    }

    private static void CheckServiceUrl(ResourceChange change, JsonObject properties)
    {
        if (properties.Text("serviceUrl") is { Length: > 0 } url
            && !url.Contains("{{", StringComparison.Ordinal)
            && !(Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "ws" or "wss" or "grpc" or "grpcs"))
        {
            change.Problem("serviceUrl", $"'serviceUrl' must be an absolute http, https, ws, wss or grpc URL; '{url}' is not.");
        }
    }

    private async ValueTask CheckVersionAsync(ResourceChange change, JsonObject properties, CancellationToken cancellation)
    {
        if (properties.Text("apiVersionSetId") is not { Length: > 0 } reference)
        {
            if (properties.Text("apiVersion") is { Length: > 0 })
            {
                change.Problem("apiVersionSetId", "An API with 'apiVersion' needs an 'apiVersionSetId'.");
            }

            return;
        }

        var id = References.Absolute(change.ParentId, reference);
        if (id is null || await services.Store.FindAsync(id, cancellation) is not { } set || !ResourceIds.Same(set.Type, "Microsoft.ApiManagement/service/apiVersionSets"))
        {
            change.Problem("apiVersionSetId", $"The version set '{reference}' does not exist.");
            return;
        }

        properties["apiVersionSetId"] = set.Id;
    }
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Postern.ControlPlane.Publishing.Kinds;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Resources.Apis;
using Postern.ControlPlane.Resources.Gateways;
using Postern.ControlPlane.Resources.Policies;
using Postern.ControlPlane.Store;
using Postern.Policies;
using Postern.Snapshots;

namespace Postern.ControlPlane.Publishing;

/// <summary>Rows as the entities that gateways get. Secrets are opened here and nowhere else on the way to a gateway.</summary>
internal sealed class EntityReader(string serviceId, SecretMembers secrets)
{
    private const string Prefix = "Microsoft.ApiManagement/service/";

    public async ValueTask<ModelApi?> ApiAsync(IRows rows, ResourceRow row, Func<string, string?> namedValue, CancellationToken cancellation)
    {
        var properties = Properties(row);
        var name = ApiRevisions.TrySplit(row.Name, out var api, out _) ? api : row.Name;
        var setId = properties.Text("apiVersionSetId");
        var keys = properties["subscriptionKeyParameterNames"] as JsonObject ?? [];
        var url = properties.Text("serviceUrl");
        var operations = await rows.ListAsync(row.Id, Prefix + "apis/operations", cancellation);
        var snapshot = new ApiSnapshot(
            name,
            properties.Text("displayName") ?? name,
            properties.Text("path") ?? "",
            Texts(properties["protocols"]),
            string.IsNullOrWhiteSpace(url) ? null : NamedValueReferences.Fill(url, namedValue),
            properties.Flag("subscriptionRequired") ?? true,
            keys.Text("header") ?? "Ocp-Apim-Subscription-Key",
            keys.Text("query") ?? "subscription-key",
            properties.Text("type") ?? "http",
            properties.Text("apiRevision") ?? "1",
            properties.Flag("isCurrent") ?? true,
            setId is null ? null : properties.Text("apiVersion") ?? "",
            setId is null ? null : VersionSet(await rows.FindAsync(setId, cancellation)),
            [.. operations.Select(Operation)]);
        return new(name, new(snapshot), setId, url?.Contains("{{", StringComparison.Ordinal) == true);
    }

    public ModelDocument Policy(ResourceRow row)
    {
        var properties = Properties(row);
        var text = properties.Text("value") ?? "";
        var scope = PolicyNames.Of(row.Id);
        var owner = scope == "global" ? "" : string.Join('/', scope.Split('/').Take(2));
        return new(new(new PolicySnapshot(scope, properties.Text("format") ?? "xml", text)), DocumentUse.Of(text), owner);
    }

    public ModelDocument Fragment(ResourceRow row)
    {
        var properties = Properties(row);
        var text = properties.Text("value") ?? "";
        return new(new(new PolicyFragmentSnapshot(row.Name, properties.Text("format") ?? "xml", text)), DocumentUse.Of(text), "");
    }

    /// <returns>Without its APIs.</returns>
    public async ValueTask<ProductSnapshot> ProductAsync(IRows rows, ResourceRow row, CancellationToken cancellation)
    {
        var properties = Properties(row);
        return new(
            row.Name,
            properties.Text("displayName") ?? row.Name,
            properties.Flag("subscriptionRequired") ?? true,
            properties.Flag("approvalRequired") ?? false,
            properties["subscriptionsLimit"] is JsonValue limit && limit.TryGetValue<double>(out var number) ? (int)Math.Min(number, int.MaxValue) : null,
            properties.Text("state") ?? "notPublished",
            [],
            await GroupsAsync(rows, [.. (await rows.ListAsync(row.Id, Prefix + "products/groups", cancellation)).Select(group => group.Name)], cancellation));
    }

    public Published Subscription(ResourceRow row)
    {
        var properties = Properties(row);
        var owner = properties.Text("ownerId");
        return new(new SubscriptionSnapshot(
            row.Name,
            properties.Text("displayName") ?? row.Name,
            Scope(properties.Text("scope") ?? ""),
            properties.Text("state") ?? "submitted",
            owner is null ? null : References.NameIn(serviceId, owner, "users"),
            secrets.Reveal(row.Id, properties, "primaryKey") ?? "",
            secrets.Reveal(row.Id, properties, "secondaryKey") ?? "",
            Time(properties, "createdDate") ?? row.CreatedAt,
            Time(properties, "startDate"),
            Time(properties, "endDate") ?? Time(properties, "expirationDate")));
    }

    public async ValueTask<Published> UserAsync(IRows rows, ResourceRow row, CancellationToken cancellation)
    {
        var properties = Properties(row);
        var groups = new List<string>();
        foreach (var group in await rows.ListAsync(serviceId, Prefix + "groups", cancellation))
        {
            if (await rows.FindAsync($"{group.Id}/users/{row.Name}", cancellation) is not null)
            {
                groups.Add(group.Name);
            }
        }

        return new(new UserSnapshot(
            row.Name, properties.Text("email") ?? "", properties.Text("firstName") ?? "", properties.Text("lastName") ?? "", properties.Text("note"),
            Time(properties, "registrationDate") ?? row.CreatedAt, await GroupsAsync(rows, groups, cancellation)));
    }

    public Published NamedValue(ResourceRow row)
    {
        var properties = Properties(row);
        return new(new NamedValueSnapshot(
            row.Name, properties.Text("displayName") ?? row.Name, secrets.Reveal(row.Id, properties, "value") ?? "", properties.Flag("secret") ?? false));
    }

    public Published? Backend(ResourceRow row, Func<string, string?> namedValue) => BackendReader.Read(serviceId, secrets, row, namedValue);

    /// <param name="path">Below the service.</param>
    /// <returns>Null when gateways have no use for it.</returns>
    public ModelPart? Part(ResourceRow row, PublishedKind kind, string path, Func<string, string?> namedValue)
    {
        var source = new PublishedRow(row, path, Properties(row), secrets, namedValue);
        return kind.Read(source) is { } entity ? new(path, new(entity), source.UsesNamedValues) : null;
    }

    /// <param name="apiNames">Those that it has by now.</param>
    public ModelGateway Gateway(ResourceRow row, ImmutableSortedSet<string> apiNames)
    {
        var properties = Properties(row);
        return new(
            row.Name, (properties["locationData"] as JsonObject)?.Text("name") ?? "", apiNames,
            secrets.Reveal(row.Id, properties, GatewayKeys.Debug));
    }

    private static JsonObject Properties(ResourceRow row) => ArmJson.ParseObject(row.Body).Properties();

    /// <summary>Operations are the bulk of a service, and their bodies are mostly what gateways don't need: read without building nodes.</summary>
    private static OperationSnapshot Operation(ResourceRow row)
    {
        using var body = JsonDocument.Parse(row.Body);
        var properties = body.RootElement.GetProperty("properties");
        return new(row.Name, Text("displayName") ?? row.Name, (Text("method") ?? "GET").ToUpperInvariant(), Text("urlTemplate") ?? "/");

        string? Text(string member) => properties.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    private static VersionSetSnapshot? VersionSet(ResourceRow? row)
    {
        if (row is null)
        {
            return null;
        }

        var properties = Properties(row);
        return properties.Text("versioningScheme")?.ToLowerInvariant() switch
        {
            "header" => new(row.Name, "Header", properties.Text("versionHeaderName")),
            "query" => new(row.Name, "Query", properties.Text("versionQueryName")),
            _ => new(row.Name, "Segment", null),
        };
    }

    private async ValueTask<IReadOnlyList<GroupSnapshot>> GroupsAsync(IRows rows, IReadOnlyList<string> names, CancellationToken cancellation)
    {
        var groups = new List<GroupSnapshot>();
        foreach (var name in names)
        {
            if (await rows.FindAsync($"{serviceId}/groups/{name}", cancellation) is { } row)
            {
                groups.Add(new(row.Name, Properties(row).Text("displayName") ?? row.Name));
            }
        }

        return groups;
    }

    /// <summary>From a full id to what gateways compare: <c>all</c>, <c>apis</c>, <c>apis/echo</c>, <c>products/starter</c>.</summary>
    private string Scope(string id) =>
        ResourceIds.Same(id.TrimEnd('/'), serviceId) ? "all"
        : id.StartsWith(serviceId + "/", StringComparison.OrdinalIgnoreCase) ? id[(serviceId.Length + 1)..]
        : id;

    private static DateTimeOffset? Time(JsonObject properties, string member) =>
        properties.Text(member) is { } text && MemberRules.TryTime(text, out var time) ? time : null;

    private static IReadOnlyList<string> Texts(JsonNode? node) =>
        node is JsonArray list ? [.. list.Where(item => item is not null).Select(item => item!.GetValue<string>())] : [];

}

using System.Text.Json.Nodes;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Resources.Backends;
using Postern.ControlPlane.Store;
using Postern.Policies;
using Postern.Snapshots;

namespace Postern.ControlPlane.Publishing;

/// <summary>A backend's row as the entity that gateways get, its secrets open.</summary>
internal static class BackendReader
{
    private static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> None = new Dictionary<string, IReadOnlyList<string>>();

    /// <returns>Null when gateways have no use for it.</returns>
    public static Published? Read(string serviceId, SecretMembers secrets, ResourceRow row, Func<string, string?> namedValue)
    {
        var properties = ArmJson.ParseObject(row.Body).Properties();
        secrets.Reveal(SecretPath.Declared(BackendMembers.Declared), row.Id, properties);
        if (string.Equals(properties.Text("type"), "Pool", StringComparison.OrdinalIgnoreCase))
        {
            return properties["pool"] is JsonObject pool
                ? new(new BackendSnapshot(row.Name, "", "http", None, None, null, null, true, true) { Pool = Pool(serviceId, pool) })
                : null;
        }

        if (properties.Text("url") is not { } url)
        {
            return null;
        }

        var credentials = properties["credentials"] as JsonObject ?? [];
        var authorization = credentials["authorization"] as JsonObject;
        var tls = properties["tls"] as JsonObject ?? [];
        return new(new BackendSnapshot(
            row.Name,
            NamedValueReferences.Fill(url, namedValue),
            properties.Text("protocol") ?? "http",
            Lists(credentials["header"], namedValue),
            Lists(credentials["query"], namedValue),
            authorization?.Text("scheme"),
            authorization?.Text("parameter") is { } parameter ? NamedValueReferences.Fill(parameter, namedValue) : null,
            tls.Flag("validateCertificateChain") ?? true,
            tls.Flag("validateCertificateName") ?? true)
        {
            AzureRegion = properties.Text("azureRegion"),
            Proxy = properties["proxy"] is JsonObject proxy ? Proxy(proxy, namedValue) : null,
            CertificateIds = CertificateIds(serviceId, credentials),
            CertificateThumbprints = credentials["certificateIds"] is JsonArray { Count: > 0 } ? null : Texts(credentials["certificate"]),
            Pins = Pins(tls),
            CircuitRules = (properties["circuitBreaker"] as JsonObject)?["rules"] is JsonArray { Count: > 0 } rules ? [.. rules.OfType<JsonObject>().Select(CircuitRule)] : null,
        });
    }

    private static BackendPoolSnapshot Pool(string serviceId, JsonObject pool) => new(
        [.. (pool["services"] as JsonArray ?? []).OfType<JsonObject>().Select(member => new PoolMemberSnapshot(
            References.NameIn(serviceId, References.Absolute(serviceId, member.Text("id") ?? "") ?? "", "backends") ?? "", Whole(member["weight"]), Whole(member["priority"])))],
        ((pool["sessionAffinity"] as JsonObject)?["sessionId"] as JsonObject)?.Text("name"),
        Whole(pool["failureResponse"]?["statusCode"]));

    private static CircuitRuleSnapshot CircuitRule(JsonObject rule)
    {
        var condition = rule["failureCondition"] as JsonObject ?? [];
        return new(
            rule.Text("name") ?? "",
            Whole(condition["count"]),
            Number(condition["percentage"]),
            Duration(condition.Text("interval")),
            [.. (condition["statusCodeRanges"] as JsonArray ?? []).OfType<JsonObject>().Select(range => new StatusRangeSnapshot(Whole(range["min"]) ?? 0, Whole(range["max"]) ?? 0))],
            Texts(condition["errorReasons"]) ?? [],
            Duration(rule.Text("tripDuration")),
            rule.Flag("acceptRetryAfter") ?? false,
            Whole(rule["failureResponse"]?["statusCode"]));
    }

    private static BackendProxySnapshot Proxy(JsonObject proxy, Func<string, string?> namedValue) => new(
        NamedValueReferences.Fill(proxy.Text("url") ?? "", namedValue),
        proxy.Text("username") is { Length: > 0 } user ? NamedValueReferences.Fill(user, namedValue) : null,
        proxy.Text("password") is { Length: > 0 } password ? NamedValueReferences.Fill(password, namedValue) : null);

    private static BackendPinsSnapshot? Pins(JsonObject tls)
    {
        var thumbprints = Texts(tls["serverCertificateThumbprints"]) ?? [];
        var names = (tls["serverX509Names"] as JsonArray ?? []).OfType<JsonObject>()
            .Select(name => new CertificateNameSnapshot(name.Text("name") ?? "", name.Text("issuerCertificateThumbprint") is { Length: > 0 } issuer ? issuer : null)).ToList();
        return thumbprints.Count + names.Count == 0 ? null : new(thumbprints, names);
    }

    private static IReadOnlyList<string>? CertificateIds(string serviceId, JsonObject credentials) => Texts(credentials["certificateIds"]) is { } ids
        ? [.. ids.Select(id => References.NameIn(serviceId, References.Absolute(serviceId, id) ?? "", "certificates")).OfType<string>()]
        : null;

    private static Dictionary<string, IReadOnlyList<string>> Lists(JsonNode? node, Func<string, string?> namedValue) =>
        (node as JsonObject ?? []).ToDictionary(
            member => member.Key,
            member => (IReadOnlyList<string>)[.. (Texts(member.Value) ?? []).Select(text => NamedValueReferences.Fill(text, namedValue))],
            StringComparer.Ordinal);

    /// <returns>Null for no list and for an empty one.</returns>
    private static IReadOnlyList<string>? Texts(JsonNode? node) =>
        node is JsonArray { Count: > 0 } list ? [.. list.Where(item => item is not null).Select(item => item!.GetValue<string>())] : null;

    private static double? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<double>(out var number) ? number : null;

    private static int? Whole(JsonNode? node) => Number(node) is { } number ? (int)number : null;

    /// <summary>Rows of before the check was made may hold anything.</summary>
    private static TimeSpan Duration(string? text) =>
        text is not null && IsoDuration.TryParse(text, out var duration) && duration > TimeSpan.Zero ? duration : TimeSpan.FromHours(1);
}

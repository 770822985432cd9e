using System.Collections;
using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Postern.Gateway.Routing;
using Postern.Gateway.State;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Telemetry;

/// <summary>
/// One request as the product's <c>GatewayLogs</c> record. Made only when somebody reads it: it must not be kept, because it reads the
/// exchange. Times are in milliseconds; what is absent is left out.
/// </summary>
internal sealed class RequestRecord(GatewayExchange exchange, TimeProvider time) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public const string Category = "GatewayLogs";

    private readonly List<KeyValuePair<string, object?>> _fields = Fields(exchange, time);

    public int Count => _fields.Count;

    public KeyValuePair<string, object?> this[int index] => _fields[index];

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _fields.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => string.Join(", ", _fields.Where(field => field.Value is not null).Select(field => string.Create(CultureInfo.InvariantCulture, $"{field.Key}: {field.Value}")));

    private static List<KeyValuePair<string, object?>> Fields(GatewayExchange exchange, TimeProvider time)
    {
        var context = exchange.Context;
        var request = context.Request;
        var status = context.Response.StatusCode;
        var total = Stopwatch.GetElapsedTime(context.StartTicks).TotalMilliseconds;
        var backend = exchange.BackendTicks * 1000d / Stopwatch.Frequency;
        List<KeyValuePair<string, object?>> fields =
        [
            new("isRequestSuccess", status is >= 200 and < 400 && exchange.FailureReason is null),
            new("totalTime", (long)total),
            new("category", Category),
            new("callerIpAddress", request.IpAddress),
            new("timeGenerated", time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture)),
            new("region", context.Deployment.Region is { Length: > 0 } region ? region : null),
            new("correlationId", context.RequestId.ToString()),
            new("method", exchange.Request.Method),
            new("url", Url(exchange)),
            new("backendResponseCode", exchange.BackendStatus == 0 ? null : exchange.BackendStatus),
            new("responseCode", status),
            new("responseSize", exchange.ResponseSize),
            new("requestSize", request.Headers.ContentLength ?? 0),
            new("cache", context.CacheOutcome switch { CacheOutcome.Hit => "hit", CacheOutcome.Miss => "miss", _ => "none" }),
            new("cacheTime", (long)(context.CacheTicks * 1000d / Stopwatch.Frequency) is var asked and > 0 ? asked : null),
            new("backendTime", (long)backend is var waited and > 0 ? waited : null),
            new("clientTime", (long)(total - backend) is var rest and > 0 ? rest : null),
            new("apiId", exchange.Api?.Id),
            new("operationId", exchange.Operation?.Id),
            new("productId", exchange.Product?.Id),
            new("userId", context.User?.Id),
            new("apimSubscriptionId", context.Subscription is SubscriptionState subscription ? subscription.Scope == SubscriptionScope.AllAccess ? "master" : subscription.Id : null),
            new("backendId", request.Backend.BackendId is { } id ? request.Entity?.Id ?? id : null),
            new("clientProtocol", exchange.Request.Protocol),
            new("backendMethod", exchange.BackendStatus == 0 ? null : request.Method),
            new("backendUrl", exchange.BackendStatus == 0 ? null : BackendUrl(exchange)),
            new("apiRevision", exchange.Api?.Revision),
            new("clientTlsVersion", TlsVersion(exchange)),
            new("lastError", context.LastError is { } error ? Error(error, total) : exchange.FailureReason is { } reason ? Broken(reason, total) : null),
        ];
        return fields;
    }

    private static string Url(GatewayExchange exchange)
    {
        ref var url = ref exchange.Context.Request.OriginalUrl;
        var standard = url.Port == (url.Scheme == "https" ? 443 : 80);
        return standard ? $"{url.Scheme}://{url.Host}{url.Path}{Redacted(exchange, url.Query)}" : $"{url.Scheme}://{url.Host}:{url.Port}{url.Path}{Redacted(exchange, url.Query)}";
    }

    private static string? BackendUrl(GatewayExchange exchange)
    {
        ref var target = ref exchange.Context.Request.Backend;
        return target.Base is not { } address ? null : $"{address.GetLeftPart(UriPartial.Path).TrimEnd('/')}{target.Path}{Redacted(exchange, target.Query)}";
    }

    /// <summary>A subscription key in the query is a secret; logs travel far.</summary>
    private static string Redacted(GatewayExchange exchange, string query) =>
        exchange.Api is { } api && QueryText.TryFind(query, api.Snapshot.KeyQuery, out var place)
            ? string.Concat(query.AsSpan(0, place.Start.Value), "***", query.AsSpan(place.End.Value))
            : query;

    private static string? TlsVersion(GatewayExchange exchange) => exchange.Features.Get<ITlsHandshakeFeature>()?.Protocol switch
    {
        System.Security.Authentication.SslProtocols.Tls12 => "1.2",
        System.Security.Authentication.SslProtocols.Tls13 => "1.3",
        _ => null,
    };

    private static Members Error(PolicyError error, double elapsed) => new(
    [
        new("elapsed", (long)elapsed),
        new("source", error.Source),
        new("scope", error.Scope),
        new("path", error.Path is { Length: > 0 } path ? path : null),
        new("reason", error.Reason),
        new("message", error.Message),
        new("section", error.Section),
    ]);

    private static Members Broken(string reason, double elapsed) =>
        new([new("elapsed", (long)elapsed), new("source", "transfer-response"), new("reason", reason), new("section", "outbound")]);

    /// <summary>An object within the record; as text it is JSON, as in the product's lines.</summary>
    private sealed class Members(IReadOnlyList<KeyValuePair<string, object?>> members) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        public int Count => members.Count;

        public KeyValuePair<string, object?> this[int index] => members[index];

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => members.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString()
        {
            var json = new System.Text.Json.Nodes.JsonObject();
            foreach (var (name, value) in members)
            {
                if (value is not null)
                {
                    json[name] = value is long number ? number : value.ToString();
                }
            }

            return json.ToJsonString();
        }
    }
}

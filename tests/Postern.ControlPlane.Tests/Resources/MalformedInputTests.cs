using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Postern.ControlPlane.Resources;
using Postern.ControlPlane.Tests.Conformance;

namespace Postern.ControlPlane.Tests.Resources;

/// <summary>Whatever is thrown at any route: an answer in the error shape, never 500, and nothing is changed by what is refused.</summary>
public sealed class MalformedInputTests(MalformedInputTests.Plane plane) : IClassFixture<MalformedInputTests.Plane>
{
    private const string Service = "Microsoft.ApiManagement/service/";

    /// <summary>Every kind below a service, with what there is not among them.</summary>
    private static readonly string[] Collections =
    [
        .. from kind in KindCatalog.Create(null!).All
           where kind.Type.StartsWith(Service, StringComparison.Ordinal)
           select kind.Type[Service.Length..].Replace("/", "/x/", StringComparison.Ordinal),
        "unknown", "apis/x/unknown", "policies/policy/apis", "tenant/operationResults", "operationresults",
    ];

    private static readonly string[] Names =
        ["x", "policy", "é", "a%2Fb", "%00", "..", "%2e%2e", "x;rev=2", "x;rev=", ";rev=2", "%F0%9F%98%80", "%FF", "*", "a:b", " ", "%20", "master", "1", "a\\b", "%", "%zz"];

    private static readonly string[] Queries =
        ["", "&$top=-1", "&$top=99999999999", "&$skip=a", "&$filter=(", "&$filter=name eq", "&$filter=%00", "&$filter=a/any(x:", "&format=nope&export=true", "&$filter=not not not",
         "&$filter=1 eq 1e999", "&deleteRevisions=maybe"];

    private static readonly string[] Texts =
        ["", "x", "\0", "😀", "<policies>", "<policies><inbound><base/></inbound></policies>", "https://x", "http://[::1", "{{x}}", "{{", "/apis/x", "/subscriptions/x", "../..", "2030-01-01T00:00:00Z",
         "openapi", "openapi+json", "wsdl", "grpc", "graphql-link", "xml-link", "rawxml", "xml", "Pool", "json", "true", "AAAA", "{\"openapi\":\"3.0.0\"}", "openapi: 3.0.0\npaths:\n  /a: {get: 1}", "active"];

    private static readonly string[] Members =
    [
        "displayName", "path", "value", "format", "serviceUrl", "protocols", "sourceApiId", "apiVersionSetId", "apiVersion", "scope", "ownerId", "primaryKey", "secret", "keyVault",
        "method", "urlTemplate", "templateParameters", "request", "responses", "url", "protocol", "type", "pool", "credentials", "email", "firstName", "lastName", "state",
        "locationData", "description", "data", "password", "loggerType", "loggerId", "sampling", "connectionString", "useFromLocation", "contentType", "document", "schemaType",
        "apiId", "groupId", "hostname", "certificateId", "versioningScheme", "subscriptionKeyParameterNames", "tags", "isCurrent", "subscriptionsLimit", "expirationDate", "$sealed",
    ];

    [Fact]
    public async Task Nothing_that_a_client_can_send_makes_the_server_fail()
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/apis/x", KindTests.Api("x"));
        await plane.PutPropertiesAsync($"{service}/products/x", new() { ["displayName"] = "x" });
        await plane.PutPropertiesAsync($"{service}/gateways/x", []);
        var requests = Requests(service).Sample(800, 50);

        Assert.True(requests.Length >= 600);
        foreach (var request in requests)
        {
            using var message = new HttpRequestMessage(new(request.Method), new Uri(plane.Address, request.Target)) { Content = new StringContent(request.Body, Encoding.UTF8, "application/json") };
            message.Headers.TryAddWithoutValidation("If-Match", request.IfMatch);
            var before = await plane.Store.RevisionAsync(TestContext.Current.CancellationToken);
            using var response = await plane.Owner.SendAsync(message, TestContext.Current.CancellationToken);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

            Assert.True((int)response.StatusCode < 500, $"{request}\n{(int)response.StatusCode} {text}");
            if ((int)response.StatusCode >= 400)
            {
                Assert.True(before == await plane.Store.RevisionAsync(TestContext.Current.CancellationToken), $"{request}\nwas refused, but something was written");
            }

            if ((int)response.StatusCode >= 400 && request.Method != "HEAD" && text.Length > 0)
            {
                Assert.NotNull((string?)JsonNode.Parse(text)!["error"]!["code"]);
            }
        }
    }

    [Fact]
    public async Task What_is_refused_changes_nothing()
    {
        var service = await plane.CreateServiceAsync();
        await plane.PutPropertiesAsync($"{service}/products/x", new() { ["displayName"] = "x" });
        using var before = await plane.RespondAsync(HttpMethod.Get, $"{service}/products/x");
        (string Body, string? IfMatch)[] refused =
        [
            ("{\"properties\":{\"displayName\":1}}", "*"), ("{\"properties\":[]}", "*"), ("{", "*"), ("{\"properties\":{\"displayName\":\"y\"}}", "\"old\""),
            ("{\"properties\":{\"state\":\"nonsense\"}}", "*"),
        ];

        foreach (var (body, ifMatch) in refused)
        {
            foreach (var method in (HttpMethod[])[HttpMethod.Put, HttpMethod.Patch])
            {
                using var message = new HttpRequestMessage(method, $"{service}/products/x?api-version=2024-05-01") { Content = new StringContent(body) };
                message.Headers.TryAddWithoutValidation("If-Match", ifMatch);
                using var response = await plane.Owner.SendAsync(message, TestContext.Current.CancellationToken);
                Assert.InRange((int)response.StatusCode, 400, 499);
            }
        }

        using var after = await plane.RespondAsync(HttpMethod.Get, $"{service}/products/x");
        Assert.Equal(before.Headers.ETag, after.Headers.ETag);
    }

    private static Gen<Request> Requests(string service) =>
        from method in Gen.Elements("GET", "PUT", "PUT", "PUT", "PATCH", "DELETE", "POST", "HEAD")
        from collection in Gen.Elements(Collections)
        from name in Gen.Elements(Names)
        from withName in Gen.Elements(true, true, false)
        from query in Gen.Elements(Queries)
        from ifMatch in Gen.Elements("*", "\"x\"", "", "W/\"\"")
        from body in Gen.OneOf(Bodies().Select(node => node?.ToJsonString() ?? "null"), Spoilt(collection), Spoilt(collection), Gen.Elements("", "{", "[", "null", "{}", "{\"properties\":null}", "\"x\"", "{\"a\":1,\"a\":2}", "{\"properties\":{\"x\":\"\\ud800\"}}"))
        select new Request(method, $"{service}/{collection}{(withName ? "/" + name : "")}?api-version=2024-05-01{query}", ifMatch, body);

    /// <summary>A body that is right for the collection but for a member or two.</summary>
    private static Gen<string> Spoilt(string collection) =>
        from members in Gen.ListOf(from name in Gen.Elements(Members) from value in Values(1) select (name, value))
        select Spoil(ExampleSeeds.Properties($"{collection}/x"), [.. members.Take(2)]);

    private static string Spoil(JsonObject properties, (string Name, JsonNode? Value)[] members)
    {
        foreach (var (name, value) in members)
        {
            properties[name] = value?.DeepClone();
        }

        return new JsonObject { ["properties"] = properties }.ToJsonString();
    }

    private static Gen<JsonNode?> Bodies() =>
        from members in Gen.ListOf(from name in Gen.Elements(Members) from value in Values(2) select (name, value))
        select (JsonNode?)new JsonObject { ["properties"] = new JsonObject(members.DistinctBy(member => member.name).Select(member => KeyValuePair.Create(member.name, member.value?.DeepClone()))) };

    private static Gen<JsonNode?> Values(int depth)
    {
        var leaf = Gen.OneOf(
            Gen.Elements(Texts).Select(text => (JsonNode?)text),
            Gen.Elements(0d, -1, 1e308, 3.5).Select(number => (JsonNode?)number),
            Gen.Elements(true, false).Select(flag => (JsonNode?)flag),
            Gen.Constant((JsonNode?)null));
        return depth == 0
            ? leaf
            : Gen.OneOf(
                leaf,
                leaf,
                Gen.ListOf(Values(depth - 1)).Select(items => (JsonNode?)new JsonArray([.. items.Take(3).Select(item => item?.DeepClone())])),
                from name in Gen.Elements(Members) from value in Values(depth - 1) select (JsonNode?)new JsonObject { [name] = value?.DeepClone() });
    }

    /// <summary>A control plane that nothing else writes to, so that a refused call must leave the revision as it was.</summary>
    public sealed class Plane : RunningControlPlane;

    private sealed record Request(string Method, string Target, string IfMatch, string Body);
}

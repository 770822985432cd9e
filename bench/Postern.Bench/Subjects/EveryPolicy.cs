using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Postern.Policies;
using Postern.Policies.Language;
using Postern.Policies.Runtime;

namespace Postern.Bench.Subjects;

/// <summary>
/// One subject per policy of the catalogue, in its usual form, on a request and a response with small JSON bodies. What a policy allocates is
/// what its budget says; other hosts than the gateway answer at once and from memory.
/// </summary>
internal sealed class EveryPolicy(string policy, string inbound = "", string backend = "<forward-request />", string outbound = "", string responseType = "application/json", string responseBody = """{"id":17}""",
    string path = "/orders", string query = "?size=3", bool signedIn = true) : Subject
{
    private const string Xml = "<order><id>17</id></order>";

    private static readonly byte[] RequestBody = Encoding.UTF8.GetBytes("""{"id":17,"note":"x"}""");
    private static readonly byte[] SigningKey = Encoding.ASCII.GetBytes("a signing key of 32 bytes, or so");
    private static readonly Lazy<X509Certificate2> Certificate = new(MakeCertificate);
    private static readonly string Token = "Bearer " + SignedToken();

    private readonly PolicyContext _context = new();
    private readonly HeaderDictionary _request = new()
    {
        ["X-Plan"] = "gold",
        ["Authorization"] = Token,
        ["Content-Type"] = "application/json",
        ["Origin"] = "https://app.example",
    };

    private readonly HeaderDictionary _response = [];
    private readonly PolicySurroundings _services = new(responseType, Encoding.UTF8.GetBytes(responseBody));
    private IPolicyProgram _program = null!;

    public override string Name => $"every policy: {policy}";

    public static IEnumerable<Subject> Variants()
    {
        EveryPolicy[] all =
        [
            new("authentication-basic", """<authentication-basic username="u" password="p" />"""),
            new("authentication-certificate", $"""<authentication-certificate body="{Convert.ToBase64String(Certificate.Value.Export(X509ContentType.Pkcs12))}" />"""),
            new("authentication-managed-identity", """<authentication-managed-identity resource="https://vault.azure.net" />"""),
            new("base", "<base />"),
            new("cache-lookup", """<cache-lookup vary-by-developer="false" vary-by-developer-groups="false" />""", """<forward-request /><set-variable name="asked" value="1" />""",
                """<cache-store duration="3600" cache-response="@(context.Variables.ContainsKey("asked"))" />""", signedIn: false),
            new("cache-lookup-value", """<cache-lookup-value key="k" variable-name="v" default-value="d" />"""),
            new("cache-remove-value", """<cache-remove-value key="k" />"""),
            new("cache-store", """<cache-lookup vary-by-developer="false" vary-by-developer-groups="false" />""", outbound: """<cache-store duration="60" />""", path: PolicySurroundings.Forgotten, signedIn: false),
            new("cache-store-value", """<cache-store-value key="k" value="v" duration="60" />"""),
            new("check-header", """<check-header name="X-Plan" failed-check-httpcode="401" failed-check-error-message="no" ignore-case="true"><value>gold</value></check-header>"""),
            new("choose", """<choose><when condition="@(context.Request.Method == "POST")"><set-variable name="kind" value="write" /></when><otherwise><set-variable name="kind" value="none" /></otherwise></choose>"""),
            new("cors", """<cors><allowed-origins><origin>https://app.example</origin></allowed-origins><allowed-methods><method>GET</method></allowed-methods><allowed-headers><header>*</header></allowed-headers></cors>"""),
            new("cross-domain", """<cross-domain><cross-domain-policy><allow-http-request-headers-from domain='*' headers='*' /></cross-domain-policy></cross-domain>""", path: "/crossdomain.xml"),
            new("emit-metric", """<emit-metric name="Calls"><dimension name="API ID" /><dimension name="Plan" value="gold" /></emit-metric>"""),
            new("find-and-replace", outbound: """<find-and-replace from="17" to="18" />"""),
            new("forward-request"),
            new("include-fragment", """<include-fragment fragment-id="f" />"""),
            new("invoke-dapr-binding", """<invoke-dapr-binding name="bind" operation="create"><data>x</data></invoke-dapr-binding>"""),
            new("ip-filter", """<ip-filter action="allow"><address>203.0.113.7</address><address-range from="10.0.0.1" to="10.0.0.20" /></ip-filter>"""),
            new("json-to-xml", outbound: """<json-to-xml apply="always" consider-accept-header="false" />"""),
            new("jsonp", outbound: """<jsonp callback-parameter-name="cb" />""", query: "?cb=show"),
            new("limit-concurrency", backend: """<limit-concurrency key="b" max-count="3"><forward-request /></limit-concurrency>"""),
            new("log-to-eventhub", """<log-to-eventhub logger-id="hub">@(context.Request.Method)</log-to-eventhub>"""),
            new("mock-response", """<mock-response status-code="200" content-type="application/json" />"""),
            new("proxy", """<proxy url="http://proxy:8080" />"""),
            new("publish-to-dapr", """<publish-to-dapr topic="orders/new" response-variable-name="answer">hello</publish-to-dapr>"""),
            new("quota", """<quota calls="100000000" renewal-period="3600" />"""),
            new("quota-by-key", """<quota-by-key calls="100000000" renewal-period="3600" counter-key="k" />"""),
            new("rate-limit", """<rate-limit calls="100000000" renewal-period="60" />"""),
            new("rate-limit-by-key", """<rate-limit-by-key calls="100000000" renewal-period="60" counter-key="@(context.Subscription.Id)" />"""),
            new("redirect-content-urls", outbound: "<redirect-content-urls />", responseBody: """{"next":"http://localhost/orders?page=2"}"""),
            new("retry", backend: """<retry condition="@(context.Response.StatusCode >= 500)" count="3" interval="0"><forward-request /></retry>"""),
            new("return-response", """<return-response><set-status code="204" /></return-response>"""),
            new("rewrite-uri", """<rewrite-uri template="/v2/orders" />"""),
            new("send-one-way-request", """<send-one-way-request mode="new"><set-url>https://audit.example/</set-url><set-method>GET</set-method></send-one-way-request>"""),
            new("send-request", """<send-request mode="new" response-variable-name="r"><set-url>https://audit.example/</set-url><set-method>GET</set-method></send-request>"""),
            new("send-service-bus-message", """<send-service-bus-message queue-name="orders" namespace="contoso.servicebus.windows.net"><payload>a</payload></send-service-bus-message>"""),
            new("set-backend-service", """<set-backend-service base-url="https://blue.example" />"""),
            new("set-body", "<set-body>text</set-body>"),
            new("set-header", """<set-header name="X-Gateway" exists-action="override"><value>bench</value></set-header>"""),
            new("set-method", "<set-method>PUT</set-method>"),
            new("set-query-parameter", """<set-query-parameter name="a" exists-action="override"><value>1</value></set-query-parameter>"""),
            new("set-status", outbound: """<set-status code="202" reason="Accepted" />"""),
            new("set-url", """<send-request mode="new" response-variable-name="r"><set-url>@("https://audit.example/" + context.Request.Method)</set-url></send-request>"""),
            new("set-variable", """<set-variable name="plan" value="gold" />"""),
            new("trace", """<trace source="s" severity="information"><message>m</message></trace>"""),
            new("validate-azure-ad-token", """<validate-azure-ad-token tenant-id="11111111-2222-3333-4444-555555555555" header-name="X-Token" failed-validation-httpcode="401"><client-application-ids><application-id>app</application-id></client-application-ids></validate-azure-ad-token>"""),
            new("validate-client-certificate", """<validate-client-certificate validate-trust="false" validate-revocation="false" />"""),
            new("validate-content", """<validate-content unspecified-content-type-action="prevent" max-size="1024" size-exceeded-action="prevent"><content type="application/json" validate-as="json" action="prevent" /></validate-content>"""),
            new("validate-headers", outbound: """<validate-headers specified-header-action="prevent" unspecified-header-action="ignore" />"""),
            new("validate-jwt", $"""<validate-jwt header-name="Authorization"><issuer-signing-keys><key>{Convert.ToBase64String(SigningKey)}</key></issuer-signing-keys></validate-jwt>"""),
            new("validate-odata-request", "<validate-odata-request />"),
            new("validate-parameters", """<validate-parameters specified-parameter-action="prevent" unspecified-parameter-action="ignore" />"""),
            new("validate-status-code", outbound: """<validate-status-code unspecified-status-code-action="ignore" />"""),
            new("wait", """<wait for="all"><choose><when condition="@(true)"><set-variable name="a" value="b" /></when></choose></wait>"""),
            new("xml-to-json", outbound: """<xml-to-json kind="direct" apply="always" consider-accept-header="false" />""", responseType: "application/xml", responseBody: Xml),
            new("xsl-transform", outbound: """<xsl-transform><xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><id><xsl:value-of select="order/id" /></id></xsl:template></xsl:stylesheet></xsl-transform>""", responseType: "application/xml", responseBody: Xml),
        ];
        var missing = PolicyCatalogue.All.Select(definition => definition.Syntax.Name).Except(all.Select(subject => subject.Policy)).ToList();
        return missing.Count == 0 ? all : throw new InvalidOperationException($"No subject for: {string.Join(", ", missing)}.");
    }

    private string Policy => policy;

    public override void Prepare()
    {
        var text = $"<policies><inbound>{inbound}</inbound><backend>{backend}</backend><outbound>{outbound}</outbound><on-error /></policies>";
        var compiled = new PolicyCompiler().Compile(new(policy == "cross-domain" ? PolicyScope.Global : PolicyScope.Product, "bench", PolicyFormat.RawXml, text), new Fragments());
        if (compiled.Diagnostics.Count > 0)
        {
            throw new InvalidOperationException($"{Name}: {compiled.Diagnostics[0]}");
        }

        _program = PolicyProgram.Compose(compiled, null, null, null);
        _request["X-Token"] = _services.AzureToken;
        if (!signedIn)
        {
            _request.Remove("Authorization");
        }

        // The first one may wait for keys that are then known.
        StartAsync().AsTask().GetAwaiter().GetResult();
        if (_context.LastError is { } error)
        {
            throw new InvalidOperationException($"{Name}: {error.Reason} {error.Message} {error.Exception}");
        }
    }

    public override void Run()
    {
        var running = StartAsync();
        if (!running.IsCompletedSuccessfully)
        {
            // Part of its cost would be another thread's.
            throw new InvalidOperationException($"{Name} waited or failed.");
        }

        running.GetAwaiter().GetResult();
    }

    private ValueTask StartAsync()
    {
        var context = _context;
        context.Reset();
        context.Services = _services;
        context.Deployment = _services;
        context.Request.Headers = _request;
        context.Response.Headers = _response;
        context.Request.Method = "GET";
        context.Request.IpAddress = "10.0.0.7";
        context.Request.Certificate = Certificate.Value;
        context.Request.OriginalUrl = new("https", "gateway.example", 443, path, query);
        context.Request.Backend = new(PolicySurroundings.Backend, null, path, query);
        context.Request.Body.SetBytes(RequestBody);
        context.Subscription = BenchSubscription.Instance;
        context.Api = BenchApi.Instance;
        return _program.RunAsync(context);
    }

    private static string SignedToken()
    {
        var signed = $"{WebEncoders.Base64UrlEncode("""{"alg":"HS256","typ":"JWT"}"""u8.ToArray())}.{WebEncoders.Base64UrlEncode("""{"sub":"bench","exp":4102444800}"""u8.ToArray())}";
        return $"{signed}.{WebEncoders.Base64UrlEncode(HMACSHA256.HashData(SigningKey, Encoding.ASCII.GetBytes(signed)))}";
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=bench", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(130));
    }

    private sealed class Fragments : IPolicyReferences
    {
        public string? FindNamedValue(string name) => null;

        public PolicySource? FindFragment(string id) =>
            new(PolicyScope.Fragment, id, PolicyFormat.RawXml, """<fragment><set-header name="X-Gateway" exists-action="override"><value>bench</value></set-header></fragment>""");
    }
}

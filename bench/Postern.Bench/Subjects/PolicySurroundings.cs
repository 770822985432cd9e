using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Postern.Policies;
using Postern.Policies.Caching;
using Postern.Policies.Runtime;

namespace Postern.Bench.Subjects;

/// <summary>Everything that policies ask of their host, answered at once and from memory.</summary>
internal sealed class PolicySurroundings : IPolicyServices, IPolicyHttpClient, IIdentityTokens, IDeployment, IGatewayInfo
{
    private static readonly Lazy<RSA> Key = new(() => RSA.Create(2048));

    private static readonly OperationDescription Description = new(
        [new("query", "size", true, new("integer"))],
        [new(200, [], [new("application/json", """{"id":17}""")])])
    {
        Requests = [new("application/json", null) { Schema = new("order", null) }],
    };

    private readonly SchemaDocument _schema = new("""{"type":"object","required":["id"],"properties":{"id":{"type":"integer"}}}""");
    private readonly EventHubLogger _hub = new(new("https://contoso.servicebus.windows.net/hub"), "send", "c2VjcmV0", null);
    private readonly string _type;
    private readonly byte[] _body;

    public PolicySurroundings(string type, byte[] body)
    {
        (_type, _body) = (type, body);
        Resources = new(this, new ForgetfulCache()) { IdentityTokens = this };
    }

    public static Uri Backend { get; } = new("http://localhost/");

    public TimeProvider Time => TimeProvider.System;

    public IRateCounters RateCounters { get; } = new RateCounters();

    public PolicyResources Resources { get; }

    public BackendFeatures BackendFeatures => BackendFeatures.Proxy | BackendFeatures.ClientCertificate;

    public ValueTask<Flow> ForwardAsync(PolicyContext context, in ForwardOptions options)
    {
        context.Response.Exists = true;
        context.Response.StatusCode = 200;
        context.Response.Headers["Content-Type"] = _type;
        context.Response.Body.SetBytes(_body);
        return default;
    }

    public Uri? FindBackend(string backendId) => null;

    public EventHubLogger? FindEventHub(string loggerId) => _hub;

    public SchemaDocument? FindSchema(PolicyContext context, string schemaId) => _schema;

    public OperationDescription? Describe(PolicyContext context) => Description;

    public void EmitMetric(PolicyContext context, string space, string name, double value, IReadOnlyList<KeyValuePair<string, string>> dimensions)
    {
    }

    public void Trace(PolicyContext context, string source, string message)
    {
    }

    public void Trace(PolicyContext context, string source, TraceSeverity severity, string message, IReadOnlyList<KeyValuePair<string, string>> properties)
    {
    }

    public ValueTask SendAsync(OutgoingRequest request, PolicyResponse response, CancellationToken cancellation)
    {
        response.StatusCode = 200;
        response.Body.SetBytes(request.Address.AbsolutePath.EndsWith("openid-configuration", StringComparison.Ordinal) ? Metadata()
            : request.Address.AbsolutePath.Contains("keys", StringComparison.Ordinal) ? Keys()
            : _body);
        return default;
    }

    public ValueTask<string> GetAsync(string resource, string? clientId, CancellationToken cancellation) => new("token");

    /// <summary>Of the tenant that the subject of validate-azure-ad-token names.</summary>
    public string AzureToken { get; } = MakeToken();

    private static byte[] Metadata() => """{"issuer":"https://login.microsoftonline.com/{tenantid}/v2.0","jwks_uri":"https://login.microsoftonline.com/common/discovery/v2.0/keys"}"""u8.ToArray();

    private static byte[] Keys()
    {
        var key = Key.Value.ExportParameters(false);
        return Encoding.ASCII.GetBytes($$"""{"keys":[{"kty":"RSA","use":"sig","kid":"1","n":"{{WebEncoders.Base64UrlEncode(key.Modulus!)}}","e":"{{WebEncoders.Base64UrlEncode(key.Exponent!)}}"}]}""");
    }

    private static string MakeToken()
    {
        const string Tenant = "11111111-2222-3333-4444-555555555555";
        var payload = $$"""{"iss":"https://login.microsoftonline.com/{{Tenant}}/v2.0","tid":"{{Tenant}}","azp":"app","appid":"app","aud":"api","ver":"2.0","exp":4102444800}""";
        var signed = $"{WebEncoders.Base64UrlEncode("""{"alg":"RS256","kid":"1"}"""u8.ToArray())}.{WebEncoders.Base64UrlEncode(Encoding.ASCII.GetBytes(payload))}";
        return $"{signed}.{WebEncoders.Base64UrlEncode(Key.Value.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    public IGatewayInfo Gateway => this;

    public string GatewayId => "bench";

    public string Region => "";

    public string ServiceId => "service";

    public string ServiceName => "service";

    public IReadOnlyDictionary<string, X509Certificate2> Certificates => FrozenDictionary<string, X509Certificate2>.Empty;

    public string Id => "bench";

    public string InstanceId => "0";

    public bool IsManaged => false;

    /// <summary>Path of responses that are stored and never found, so that each request stores anew.</summary>
    public const string Forgotten = "/forgotten";

    private sealed class ForgetfulCache : IPolicyCache
    {
        private readonly MemoryPolicyCache _kept = new(TimeProvider.System, 1 << 20);

        public int LargestValue => _kept.LargestValue;

        public ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellation) =>
            key.Contains(Forgotten, StringComparison.Ordinal) ? default : _kept.GetAsync(key, cancellation);

        public ValueTask SetAsync(string key, byte[] value, TimeSpan duration, CancellationToken cancellation) => _kept.SetAsync(key, value, duration, cancellation);

        public ValueTask RemoveAsync(string key, CancellationToken cancellation) => _kept.RemoveAsync(key, cancellation);
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using Postern.Hosting.Tls;

namespace Postern.ControlPlane.Tests.Access;

/// <summary>An authority over HTTPS that signs whatever a test wants, honest or not.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    public const string Tenant = "7e11a117-0000-4000-8000-000000000001";

    /// <summary>Making a key takes longer than most tests.</summary>
    private static readonly RSA FirstKey = RSA.Create(2048);

    private readonly WebApplication _application;
    private readonly TimeProvider _time;

    private TestIssuer(WebApplication application, TimeProvider time)
    {
        _application = application;
        _time = time;
    }

    public Uri Address { get; private set; } = null!;

    /// <summary>Published keys by id. Add and remove to roll over.</summary>
    public Dictionary<string, RSA> Keys { get; } = new() { ["key-1"] = FirstKey };

    /// <summary>Status of every answer; other than 200 stands for an outage.</summary>
    public int Status { get; set; } = 200;

    /// <summary>How often the key set was fetched.</summary>
    public int Fetches { get; private set; }

    public string IssuerV2 => $"{Address}{Tenant}/v2.0";

    public string IssuerV1 => $"{Address}sts/{Tenant}/";

    public static async Task<TestIssuer> StartAsync(DevelopmentCertificates certificates, TimeProvider time)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenLocalhostTls(certificates));
        var application = builder.Build();
        var issuer = new TestIssuer(application, time);
        application.Run(issuer.AnswerAsync);
        await application.StartAsync();
        issuer.Address = application.LoopbackAddress();
        return issuer;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    /// <summary>Claims of a good token for an audience, to be spoilt.</summary>
    public JsonObject Claims(string audience, string objectId, string? applicationId = null) => new()
    {
        ["iss"] = IssuerV2,
        ["aud"] = audience,
        ["tid"] = Tenant,
        ["oid"] = objectId,
        ["sub"] = objectId,
        ["azp"] = applicationId ?? "a99a99a9-0000-4000-8000-000000000001",
        ["ver"] = "2.0",
        ["iat"] = _time.GetUtcNow().ToUnixTimeSeconds(),
        ["nbf"] = _time.GetUtcNow().ToUnixTimeSeconds(),
        ["exp"] = _time.GetUtcNow().AddHours(1).ToUnixTimeSeconds(),
    };

    public string Token(JsonObject claims, string keyId = "key-1") => Sign(new() { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = keyId }, claims, Keys[keyId]);

    public string Token(string audience, string objectId) => Token(Claims(audience, objectId));

    /// <summary>RS256 over any header; a null key leaves the signature empty.</summary>
    public static string Sign(JsonObject header, JsonObject claims, RSA? key)
    {
        var input = $"{Part(header)}.{Part(claims)}";
        byte[] signature = [];
        if (key is not null)
        {
            lock (key)
            {
                signature = key.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            }
        }

        return $"{input}.{Base64UrlEncoder.Encode(signature)}";
    }

    /// <summary>HS256 with any secret, such as the public key's text.</summary>
    public static string SignHmac(JsonObject header, JsonObject claims, byte[] secret)
    {
        var input = $"{Part(header)}.{Part(claims)}";
        return $"{input}.{Base64UrlEncoder.Encode(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(input)))}";
    }

    private static string Part(JsonObject part) => Base64UrlEncoder.Encode(JsonSerializer.SerializeToUtf8Bytes(part));

    private Task AnswerAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        JsonObject? body = (Status, context.Request.Path.Value) switch
        {
            (not 200, _) => null,
            (_, "/" + Tenant + "/v2.0/.well-known/openid-configuration") => new() { ["issuer"] = IssuerV2, ["jwks_uri"] = $"{Address}keys" },
            (_, "/" + Tenant + "/.well-known/openid-configuration") => new() { ["issuer"] = IssuerV1, ["jwks_uri"] = $"{Address}keys" },
            (_, "/keys") => KeySet(),
            _ => null,
        };
        if (body is null)
        {
            context.Response.StatusCode = Status == 200 ? 404 : Status;
            return Task.CompletedTask;
        }

        return context.Response.WriteAsync(body.ToJsonString());
    }

    private JsonObject KeySet()
    {
        Fetches++;
        return new()
        {
            ["keys"] = new JsonArray([.. Keys.Select(pair =>
            {
                var parameters = pair.Value.ExportParameters(false);
                return new JsonObject
                {
                    ["kty"] = "RSA",
                    ["use"] = "sig",
                    ["kid"] = pair.Key,
                    ["n"] = Base64UrlEncoder.Encode(parameters.Modulus),
                    ["e"] = Base64UrlEncoder.Encode(parameters.Exponent),
                };
            })]),
        };
    }
}

using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Postern.Hosting;

namespace Postern.Testing;

/// <summary>An OIDC issuer such as a Kubernetes cluster: metadata and keys over HTTPS, and the tokens that it projects into pods.</summary>
public sealed class TestIssuer : IAsyncDisposable
{
    public const string TokenExchange = "api://AzureADTokenExchange";

    /// <summary>Making keys is what takes time; every issuer of the process has the same ones.</summary>
    private static readonly ConcurrentDictionary<int, Lazy<RSA>> MadeKeys = new();

    private readonly WebApplication _application;
    private readonly List<(string Id, RSA Key)> _keys = [];
    private int _requests;
    private int _made;

    private TestIssuer(WebApplication application) => _application = application;

    /// <summary>What <c>iss</c> says.</summary>
    public string Issuer { get; private set; } = "";

    /// <summary>How often anything was asked of it.</summary>
    public int Requests => _requests;

    /// <summary>Changes what is answered; null keeps the honest answer. Called with the path.</summary>
    public Func<HttpContext, Task<bool>>? Interfere { get; set; }

    /// <summary>Name of the key that signs now.</summary>
    public string KeyId => _keys[^1].Id;

    public RSA Key => _keys[^1].Key;

    /// <param name="certificate">For the name localhost.</param>
    public static async Task<TestIssuer> StartAsync(X509Certificate2 certificate)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var application = builder.Build();
        var issuer = new TestIssuer(application);
        application.Run(issuer.AnswerAsync);
        await application.StartAsync();
        var bound = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        issuer.Issuer = $"https://localhost:{new Uri(bound).Port}";
        issuer.Rollover();
        return issuer;
    }

    /// <summary>Signs with a new key from now on; the old ones stay published.</summary>
    public void Rollover()
    {
        var number = ++_made;
        _keys.Add(($"key-{number}", MadeKeys.GetOrAdd(number, _ => new(() => RSA.Create(2048))).Value));
    }

    /// <summary>Publishes the newest key only.</summary>
    public void ForgetOldKeys() => _keys.RemoveRange(0, _keys.Count - 1);

    /// <summary>A token as Kubernetes projects it.</summary>
    public JsonObject Claims(string subject, DateTimeOffset now, string audience = TokenExchange) => new()
    {
        ["aud"] = new JsonArray(audience),
        ["exp"] = now.AddHours(1).ToUnixTimeSeconds(),
        ["iat"] = now.ToUnixTimeSeconds(),
        ["iss"] = Issuer,
        ["kubernetes.io"] = new JsonObject { ["namespace"] = "apim", ["serviceaccount"] = new JsonObject { ["name"] = "gateway", ["uid"] = "u" } },
        ["nbf"] = now.ToUnixTimeSeconds(),
        ["sub"] = subject,
    };

    public string Sign(JsonObject claims) => JwtWriter.Sign(new() { ["kid"] = KeyId }, claims, Key, "RS256");

    public string Token(string subject, DateTimeOffset now, string audience = TokenExchange) => Sign(Claims(subject, now, audience));

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        if (Interfere is { } interfere && await interfere(context))
        {
            return;
        }

        JsonObject? body = context.Request.Path.Value switch
        {
            "/.well-known/openid-configuration" => new() { ["issuer"] = Issuer, ["jwks_uri"] = Issuer + "/openid/v1/jwks" },
            "/openid/v1/jwks" => new() { ["keys"] = new JsonArray([.. _keys.Select(Jwk)]) },
            _ => null,
        };
        context.Response.StatusCode = body is null ? 404 : 200;
        await context.Response.WriteAsync(body?.ToJsonString() ?? "");
    }

    private static JsonNode Jwk((string Id, RSA Key) key)
    {
        var parameters = key.Key.ExportParameters(false);
        return new JsonObject
        {
            ["kty"] = "RSA",
            ["use"] = "sig",
            ["alg"] = "RS256",
            ["kid"] = key.Id,
            ["n"] = Base64Url.EncodeToString(parameters.Modulus!),
            ["e"] = Base64Url.EncodeToString(parameters.Exponent!),
        };
    }
}

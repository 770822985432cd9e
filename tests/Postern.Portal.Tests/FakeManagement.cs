using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Postern.Hosting;

namespace Postern.Portal.Tests;

/// <summary>
/// A management API and its authority on one listener, as the portal sees them over HTTPS: documents by ARM path, and a token that is
/// good only if this authority gave it and it hasn't been revoked.
/// </summary>
internal sealed class FakeManagement : IAsyncDisposable
{
    public const string Secret = "the operator's secret";
    public const string Root = "/subscriptions/sub-1/resourceGroups/rg-1/providers/Microsoft.ApiManagement/service/contoso";

    private readonly WebApplication _application;
    private int _tokens;

    private FakeManagement(WebApplication application) => _application = application;

    public Uri Address { get; private set; } = null!;

    /// <summary>Answers by path, as objects or as (status, code, message) errors.</summary>
    public ConcurrentDictionary<string, object> Answers { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Error bodies for writes, by path.</summary>
    public ConcurrentDictionary<string, object> Refusals { get; } = new(StringComparer.OrdinalIgnoreCase);

    public ConcurrentQueue<string> Requests { get; } = [];

    public int TokensGiven => Volatile.Read(ref _tokens);

    public int Valid { get; set; } = 1;

    public static async Task<FakeManagement> Start(X509Certificate2 certificate)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        builder.Services.AddRouting().AddSingleton<IHostLifetime, EmbeddedLifetime>();
        var application = builder.Build();
        var fake = new FakeManagement(application);
        application.UseRouting();
        application.MapPost("/tenant-1/oauth2/v2.0/token", fake.GiveToken);
        application.MapFallback("{*path}", fake.Answer);
        await application.StartAsync();
        fake.Address = new UriBuilder("https", "localhost", new Uri(application.Urls.First()).Port).Uri;
        return fake;
    }

    public void Instances(string gateway, params object[] properties) =>
        Answers[$"{Root}/gateways/{gateway}/instances"] = Collection([.. properties.Select((one, at) => new { name = $"instance-{at}", type = "Microsoft.ApiManagement/service/gateways/instances", properties = one })]);

    /// <summary>What is answered about those that asked lately, and about each of <paramref name="principals"/> when asked for.</summary>
    public void Access(string gateway, object[] recent, params (string Id, object Explained)[] principals)
    {
        Answers[$"{Root}/gateways/{gateway}/access"] = Collection(recent);
        foreach (var (id, explained) in principals)
        {
            Answers[$"{Root}/gateways/{gateway}/access?principalId={id}"] = Collection(explained);
        }
    }

    /// <param name="broken">Which step of the chain fails, with what; null when allowed.</param>
    public static object Explained(string principal, string? application, (string Step, string Diagnostic, string Message, string Cure)? broken)
    {
        string[] chain = ["Identity", "RoleData", "DataAction"];
        var steps = chain.TakeWhile(step => step != broken?.Step).Select(step => new { step, passed = true, message = $"{step} holds.", diagnostic = (string?)null }).ToList();
        if (broken is { } link)
        {
            steps.Add(new { step = link.Step, passed = false, message = link.Message, diagnostic = (string?)link.Diagnostic });
        }

        return new
        {
            id = $"{Root}/gateways/edge/access/{principal}",
            type = "Microsoft.ApiManagement/service/gateways/access",
            name = principal,
            properties = new
            {
                principalId = principal,
                applicationId = application,
                dataAction = "Microsoft.ApiManagement/service/gateways/getConfiguration/action",
                scope = $"{Root}/gateways/edge",
                allowed = broken is null,
                diagnostic = broken?.Diagnostic,
                explanation = steps[^1].message,
                cure = broken?.Cure,
                steps,
            },
        };
    }

    public static object Collection(params object[] items) => new { value = items, count = items.Length };

    public static object Instance(string state, string host = "pod-a", long? applied = 7, long? rejected = null, string? reason = null) => new
    {
        host,
        version = "0.1.0",
        uptimeSeconds = 75.5,
        lastHeartbeat = TimeProvider.System.GetUtcNow(),
        state,
        appliedRevision = applied,
        rejectedRevision = rejected,
        rejectedReason = reason,
        deployment = new { mechanism = "YAML" },
    };

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private async Task<IResult> GiveToken(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        if (form["client_id"] != "operator" || form["client_secret"] != Secret || form["grant_type"] != "client_credentials"
            || form["scope"] != "https://management.azure.com/.default")
        {
            return Results.Json(new { error = "invalid_client", error_description = "The client secret is not right." }, statusCode: 401);
        }

        return Results.Json(new { token_type = "Bearer", expires_in = 3599, access_token = $"token-{Interlocked.Increment(ref _tokens)}" });
    }

    private async Task<IResult> Answer(HttpRequest request)
    {
        Requests.Enqueue($"{request.Method} {request.Path}{request.QueryString}");
        if (request.Headers.Authorization != $"Bearer token-{Valid}")
        {
            return Error(401, "InvalidAuthenticationToken", "The access token is invalid.");
        }

        if (request.Query["api-version"].Count != 1)
        {
            return Error(400, "MissingApiVersionParameter", "The api-version query parameter is required.");
        }

        if (request.Method == "PUT")
        {
            return await Write(request);
        }

        var asked = request.Query["principalId"] is [{ } principal] ? $"{request.Path}?principalId={principal}" : request.Path.Value!;
        return Answers.GetValueOrDefault(asked) switch
        {
            (int status, string code, string message) => Error(status, code, message),
            Tagged found => found.Answer(request),
            { } found => Results.Json(found),
            null => Error(404, "ResourceNotFound", $"{request.Path} was not found."),
        };
    }

    private async Task<IResult> Write(HttpRequest request)
    {
        var path = request.Path.Value!;
        var current = Answers.GetValueOrDefault(path) as Tagged;
        if (request.Headers.IfMatch is [{ } tag] && tag != current?.Tag)
        {
            return Error(412, "PreconditionFailed", "The resource has changed.");
        }

        if (Refusals.TryGetValue(path, out var refusal))
        {
            return Results.Json(refusal, statusCode: 400);
        }

        var written = new Tagged((await request.ReadFromJsonAsync<JsonElement>()).Clone(), (current?.Version ?? 0) + 1);
        Answers[path] = written;
        return written.Answer(request);
    }

    private static IResult Error(int status, string code, string message) => Results.Json(new { error = new { code, message } }, statusCode: status);

    /// <summary>A document with an ETag, which is not quoted, as the service's are not always.</summary>
    internal sealed record Tagged(object Body, int Version)
    {
        public string Tag => $"AAAAAAAA{Version}=";

        public IResult Answer(HttpRequest request)
        {
            request.HttpContext.Response.Headers.ETag = Tag;
            return Results.Json(Body);
        }
    }
}

using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postern.Authority.Assertions;
using Postern.Authority.Tenancy;
using Postern.Authority.Discovery;
using Postern.Authority.Graph;
using Postern.Authority.Keys;
using Postern.Authority.ManagedIdentity;
using Postern.Authority.Tokens;
using Postern.Hosting;

namespace Postern.Authority;

/// <summary>A running authority. Disposing it ends its connections and closes the directory.</summary>
public sealed class AuthorityServer : IAsyncDisposable
{
    /// <summary>How often the signing keys are looked after.</summary>
    private static readonly TimeSpan TendInterval = TimeSpan.FromHours(1);

    /// <summary>For requests under way when the authority is stopped.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    private readonly WebApplication _application;
    private readonly TimeProvider _time;
    private readonly Stack<IDisposable> _owned;

    private AuthorityServer(WebApplication application, Uri address, TimeProvider time, Stack<IDisposable> owned)
    {
        _application = application;
        Address = address;
        _time = time;
        _owned = owned;
    }

    /// <summary>Where clients reach it, with the port that was really bound: <c>https://localhost:1234/</c>.</summary>
    public Uri Address { get; }

    /// <exception cref="AuthorityException">The data folder, the key file or the seed can't be used.</exception>
    /// <exception cref="ListenException">The port is taken.</exception>
    public static async Task<AuthorityServer> StartAsync(AuthorityOptions options, CancellationToken cancellation)
    {
        var owned = new Stack<IDisposable>();
        try
        {
            return await StartAsync(options, owned, cancellation);
        }
        catch
        {
            Release(owned);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(ShutdownTimeout, _time);
        await _application.StopAsync(patience.Token);
        await _application.DisposeAsync();
        Release(_owned);
    }

    private static async Task<AuthorityServer> StartAsync(AuthorityOptions options, Stack<IDisposable> owned, CancellationToken cancellation)
    {
        var log = options.Logging.CreateLogger("Postern.Authority");
        var database = Own(owned, DirectoryDatabase.Open(options.DataFolder));
        var store = new DirectoryStore(database);
        var keys = new SigningKeyRing(new(database, KeySeal.LoadOrCreate(options.DataFolder), log), options.Time, log);
        var verified = new VerifiedSecrets();
        var seeding = new DirectorySeeding(store, verified, options.Time, options.SecretRounds);
        foreach (var seed in (AuthoritySeed[])[options.Seed, .. options.MoreTenants])
        {
            seeding.Ensure(seed);
        }


        var address = new AuthorityAddress();
        var graph = new GraphAudience(address);
        var secrets = Own(owned, new ClientSecretCheck(verified, options.Time, options.SecretRounds));
        var issuer = new AccessTokenIssuer(keys, address, graph, options.Time);
        var tenant = options.Seed.TenantId;

        var application = Build(options, log);
        var issuerKeys = Own(owned, new IssuerKeys(IssuerKeys.NewClient(options.Roots.CreateHandler()), options.Time, log));
        var assertions = new ClientAssertionCheck(
            new(address, options.Time, options.SingleUseAssertions), new(issuerKeys, options.Time));
        new TokenEndpoints(store, new(secrets, assertions), issuer, options.Time, log, tenant).Map(application);
        new DiscoveryEndpoints(store, keys, address, options.Time, tenant).Map(application);
        var routes = new GraphRoutes(application, store, new(keys, address, graph, options.Time), options.Time, log);
        GraphEndpoints.Map(routes, address, options.Time, keys);
        new ManagedIdentityEndpoints(store, issuer, options.Time, log).Map(application);
        application.MapGet("/", context => JsonAnswer.WriteAsync(context, writer =>
        {
            writer.WriteString("name", "Postern authority");
            writer.WriteString("status", "ready");
            writer.WriteString("issuer", address.IssuerV2(tenant));
        }));

        try
        {
            await application.StartAsync(cancellation);
        }
        catch (Exception problem) when (problem is IOException or SocketException)
        {
            await application.DisposeAsync();
            throw new ListenException("authority", options.Listen.Port, problem.InnerException ?? problem);
        }

        var bound = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        address.Bound(options.PublicHost ?? "localhost", BindingAddress.Parse(bound).Port);
        owned.Push(options.Time.CreateTimer(_ => Tend(keys, log), null, TendInterval, TendInterval));

        var server = new AuthorityServer(application, new Uri(address.Origin + "/"), options.Time, owned);
        AuthorityLog.Started(log, server.Address);
        return server;
    }

    /// <summary>Tried again an hour later; until then the present key goes on, for two days if need be.</summary>
    private static void Tend(SigningKeyRing keys, ILogger log)
    {
        try
        {
            keys.Tend();
        }
        catch (SqliteException problem)
        {
            AuthorityLog.TendingFailed(log, problem);
        }
    }

    private static WebApplication Build(AuthorityOptions options, ILogger log)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(options.Logging);
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            kestrel.Listen(options.Listen.Address, options.Listen.Port, listen => listen.UseHttps(options.ServerCertificate));
        });

        var application = builder.Build();
        application.Use((context, next) => GuardAsync(context, next, log));
        application.UseRouting();
        return application;
    }

    /// <summary>The biggest honest body is an application with its certificates.</summary>
    private const long MaxBodyBytes = 256 * 1024;

    /// <summary>A bug answers 500 with nothing of its inside; who went away is nobody's error.</summary>
    private static async Task GuardAsync(HttpContext context, RequestDelegate next, ILogger log)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
        }
        catch (BadHttpRequestException problem) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = problem.StatusCode;
        }
        catch (Exception problem) when (!context.Response.HasStarted)
        {
            AuthorityLog.RequestFailed(log, problem, context.Request.Method, context.Request.Path);
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }

    private static T Own<T>(Stack<IDisposable> owned, T part)
        where T : IDisposable
    {
        owned.Push(part);
        return part;
    }

    private static void Release(Stack<IDisposable> owned)
    {
        while (owned.TryPop(out var part))
        {
            part.Dispose();
        }
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postern.Hosting;

namespace Postern.Up;

/// <summary>The API behind the sample: answers with what it received, and streams events, so that a person sees what the gateway did.</summary>
internal sealed class SampleBackend : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SampleBackend(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/");

    public static async Task<SampleBackend> StartAsync(ListenAddress listen, TimeProvider time, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(listen.Address, listen.Port));
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        var app = builder.Build();
        app.Use((context, next) =>
        {
            context.Response.Headers.XPoweredBy = "the sample's backend";
            return next(context);
        });
        app.MapGet("/v1/orders/{id}/events", StreamAsync);
        app.Map("/{**path}", Echo);
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (IOException failure)
        {
            await app.DisposeAsync();
            throw new ListenException("backend", listen.Port, failure);
        }

        return new(app);
    }

    private static IResult Echo(HttpRequest request) => Results.Json(new
    {
        method = request.Method,
        path = request.Path.Value,
        query = request.QueryString.Value,
        headers = request.Headers
            .Where(header => !header.Key.Equals("Ocp-Apim-Subscription-Key", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(header => header.Key, header => header.Value.ToString()),
    });

    private static async Task StreamAsync(HttpContext context, TimeProvider time)
    {
        context.Response.ContentType = "text/event-stream";
        for (var i = 1; i <= 5; i++)
        {
            await context.Response.WriteAsync($"data: step {i}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(TimeSpan.FromMilliseconds(200), time, context.RequestAborted);
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Postern.Bench.Load;

/// <summary>What the gateway forwards to: a small document, an echo, a long body, WebSockets that echo.</summary>
internal static class LoadBackend
{
    public const int LongBody = 8 * 1024 * 1024;

    private static readonly byte[] Document = "{\"id\":42,\"customer\":\"Contoso\",\"total\":129.95}"u8.ToArray();
    private static readonly byte[] Zeros = new byte[64 * 1024];

    public static async Task<(WebApplication App, string Address)> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server =>
        {
            server.Limits.MaxRequestBodySize = null;
            server.Listen(IPAddress.Loopback, 0);
        });
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(AnswerAsync);
        await app.StartAsync();
        return (app, app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        if (context.WebSockets.IsWebSocketRequest)
        {
            await EchoAsync(await context.WebSockets.AcceptWebSocketAsync());
        }
        else if (context.Request.Path.Value!.EndsWith("/echo", StringComparison.Ordinal))
        {
            await context.Request.Body.CopyToAsync(context.Response.Body);
        }
        else if (context.Request.Path.Value!.EndsWith("/long", StringComparison.Ordinal))
        {
            for (var sent = 0; sent < LongBody; sent += Zeros.Length)
            {
                await context.Response.Body.WriteAsync(Zeros);
            }
        }
        else
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = Document.Length;
            await context.Response.Body.WriteAsync(Document);
        }
    }

    private static async Task EchoAsync(WebSocket socket)
    {
        using (socket)
        {
            var buffer = new byte[4096];
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer, default);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
                    return;
                }

                await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, default);
            }
        }
    }
}

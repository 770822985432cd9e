using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding;

/// <summary>
/// The two ways to open a WebSocket, and how one becomes the other between caller and backend: an upgrade with a key in HTTP/1.1 (RFC 6455),
/// an extended CONNECT in HTTP/2 (RFC 8441). Policies always see the first: a GET that is answered with 101.
/// </summary>
internal static class WebSocketHandshake
{
    private const string Key = "Sec-WebSocket-Key";
    private const string Accept = "Sec-WebSocket-Accept";

    public static bool IsUpgrade(GatewayExchange exchange) =>
        string.Equals(exchange.Request.Headers.Upgrade.ToString(), "websocket", StringComparison.OrdinalIgnoreCase)
        && exchange.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true };

    public static bool IsExtendedConnect(GatewayExchange exchange) =>
        exchange.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: { } protocol }
        && protocol.Equals("websocket", StringComparison.OrdinalIgnoreCase);

    /// <summary>Makes the backend's request a handshake of its protocol version.</summary>
    public static void Write(HttpRequestMessage message, HttpVersionRule version)
    {
        if (version == HttpVersionRule.Two)
        {
            message.Method = HttpMethod.Connect;
            message.Headers.Protocol = "websocket";
            message.Headers.Remove(Key);
            return;
        }

        message.Version = System.Net.HttpVersion.Version11;
        message.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        message.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        message.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        if (!message.Headers.NonValidated.Contains(Key))
        {
            message.Headers.TryAddWithoutValidation(Key, Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)));
        }
    }

    /// <summary>Makes the backend's consent the caller's.</summary>
    /// <returns>True when the connection is a WebSocket now.</returns>
    /// <exception cref="BackendException">The backend's proof does not fit the key that we made up.</exception>
    public static bool Read(GatewayExchange exchange, HttpResponseMessage message)
    {
        var response = exchange.Context.Response;
        var connected = message is { StatusCode: System.Net.HttpStatusCode.OK, RequestMessage.Headers.Protocol: not null };
        if (!connected && response.StatusCode != 101)
        {
            return false;
        }

        var callersKey = exchange.Context.Request.Headers[Key].ToString();
        if (connected)
        {
            response.StatusCode = 101;
            response.Reason = null;
            response.Headers[Accept] = Proof(callersKey);
        }
        else if (exchange.IsMultiplexed)
        {
            var ours = message.RequestMessage!.Headers.GetValues(Key).Single();
            if (response.Headers[Accept].ToString().Trim() != Proof(ours))
            {
                throw new BackendException(BackendFailure.Connection, "The backend's answer to the WebSocket handshake does not fit its key.");
            }
        }

        return true;
    }

    /// <summary>Answers the caller as its protocol wants it and hands over both directions.</summary>
    public static async ValueTask<Stream> ConsentAsync(GatewayExchange exchange)
    {
        exchange.Response.Headers.ContentLength = null;
        if (exchange.IsMultiplexed)
        {
            exchange.Response.StatusCode = 200;
            exchange.Response.Headers.Remove(Accept);
            return await exchange.Features.GetRequiredFeature<IHttpExtendedConnectFeature>().AcceptAsync();
        }

        // The server writes Connection and status itself; Upgrade and the handshake's headers are the backend's.
        exchange.Response.StatusCode = 101;
        exchange.Response.Headers.Upgrade = "websocket";
        return await exchange.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
    }

    /// <summary>RFC 6455 4.2.2; SHA-1 is what it asks for and guards nothing.</summary>
    private static string Proof(string key)
    {
#pragma warning disable CA5350
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
    }
}

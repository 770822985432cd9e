using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Postern.Gateway.Forwarding.Http1;

/// <summary>What ends a request's chunks: the last one, and the caller's trailers as far as they may be passed on.</summary>
internal static class RequestTrailers
{
    private static readonly byte[] Nothing = "0\r\n\r\n"u8.ToArray();

    /// <summary>To be called after the end of the caller's body, when the server knows the trailers.</summary>
    public static ReadOnlyMemory<byte> LastChunk(GatewayExchange exchange, BackendEndpoint endpoint)
    {
        if (exchange.Features.Get<IHttpRequestTrailersFeature>() is not { Available: true, Trailers: { Count: > 0 } trailers })
        {
            return Nothing;
        }

        var text = new StringBuilder("0\r\n");
        foreach (var (name, values) in trailers)
        {
            if (!endpoint.Replaces(name) && TrailerFields.MayFollow(name, values, exchange.Context.Request.Headers))
            {
                foreach (var value in values)
                {
                    text.Append(name).Append(": ").Append(value).Append("\r\n");
                }
            }
        }

        return Encoding.Latin1.GetBytes(text.Append("\r\n").ToString());
    }
}

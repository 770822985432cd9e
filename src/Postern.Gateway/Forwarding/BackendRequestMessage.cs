using System.Net;
using Microsoft.Extensions.Primitives;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding;

/// <summary>Makes the platform client's request out of an exchange.</summary>
internal static class BackendRequestMessage
{
    private static readonly UriCreationOptions Raw = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public static HttpRequestMessage Create(GatewayExchange exchange, in BackendRequest request)
    {
        var context = exchange.Context;
        var message = new HttpRequestMessage
        {
            Method = HttpMethod.Parse(context.Request.Method),
            RequestUri = new Uri(request.Endpoint.Origin + request.Target, Raw),
            Version = request.Version == HttpVersionRule.One ? HttpVersion.Version11 : HttpVersion.Version20,
            VersionPolicy = request.Version == HttpVersionRule.Two ? HttpVersionPolicy.RequestVersionExact : HttpVersionPolicy.RequestVersionOrLower,
            Content = CreateContent(exchange),
        };
        if (request.ContinueTimeout is { } limit && message.Content is not null and not ByteArrayContent)
        {
            message.Headers.ExpectContinue = true;
            message.Content = new ExpectedContent(message.Content, limit, exchange.Time);
        }

        var headers = context.Request.Headers;
        var connection = headers.Connection;
        foreach (var (name, values) in headers)
        {
            if (!HopByHop.IsRequestHeader(name) && !HopByHop.IsNamed(connection, name) && !request.Endpoint.Replaces(name))
            {
                Add(message, name, values);
            }
        }

        if (TrailerFields.AreAccepted(headers.TE))
        {
            message.Headers.TryAddWithoutValidation("TE", "trailers");
        }

        if (exchange.IsWebSocket)
        {
            WebSocketHandshake.Write(message, request.Version);
        }

        if (request.HostInstead(context.Request) is { } host)
        {
            // The client asks for, and checks, the certificate of that name as well.
            message.Headers.TryAddWithoutValidation("Host", host);
        }

        message.Headers.TryAddWithoutValidation(ForwardedHeaders.For, ForwardedHeaders.Append(exchange));
        if (request.Endpoint.Backend is { } backend)
        {
            foreach (var (name, value) in backend.Headers)
            {
                if (!name.Equals("Host", StringComparison.OrdinalIgnoreCase))
                {
                    Add(message, name, value);
                }
            }
        }

        return message;
    }

    private static void Add(HttpRequestMessage message, string name, StringValues values)
    {
        if (values.Count == 1)
        {
            var value = values[0];
            if (!message.Headers.TryAddWithoutValidation(name, value))
            {
                (message.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(name, value);
            }
        }
        else if (values.Count > 1)
        {
            // RFC 9113 8.2.3: cookie pieces are joined when they leave HTTP/2.
            var joined = name.Equals("Cookie", StringComparison.OrdinalIgnoreCase) ? [string.Join("; ", values.ToArray())] : (IEnumerable<string?>)values;
            if (!message.Headers.TryAddWithoutValidation(name, joined))
            {
                (message.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(name, joined);
            }
        }
    }

    private static HttpContent? CreateContent(GatewayExchange exchange)
    {
        var request = exchange.Context.Request;
        switch (request.Body.State)
        {
            case MessageBodyState.Streaming:
                return new StreamedContent(exchange, RequestLength.Of(request));
            case MessageBodyState.Buffered:
                return new ReadOnlyMemoryContent(request.Body.Bytes);
            default:
                // A declared length of nothing is kept: POST without one is refused by some servers.
                return request.Headers.ContentLength == 0 || request.Body.Changed ? new ByteArrayContent([]) : null;
        }
    }
}

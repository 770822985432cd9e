using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Postern.Gateway.Forwarding;

/// <summary>An answer of <see cref="SocketsTransport"/>; making one copies its head to the caller's response.</summary>
internal sealed class SocketsResponse : IBackendResponse
{
    private readonly HttpResponseMessage _message;

    public SocketsResponse(HttpResponseMessage message, GatewayExchange exchange)
    {
        _message = message;
        RefuseAmbiguousLength(message);
        var response = exchange.Context.Response;
        response.StatusCode = (int)message.StatusCode;
        response.Reason = message.ReasonPhrase;
        response.Headers.Clear();
        var connection = message.Headers.NonValidated.TryGetValues("Connection", out var named) ? ToValues(named) : default;
        Copy(message.Headers.NonValidated, response.Headers, connection);
        Copy(message.Content.Headers.NonValidated, response.Headers, connection);
        ContentLength = message.Headers.TransferEncodingChunked == true ? null : message.Content.Headers.ContentLength;
        if (ContentLength is { } length)
        {
            response.Headers.ContentLength = length;
        }

        if (exchange.IsWebSocket ? WebSocketHandshake.Read(exchange, message) : response.StatusCode == 101)
        {
            Upgraded = message.Content.ReadAsStream(default);
            response.Body.Reset();
        }
        else if (HttpMethodRules.HasResponseBody(exchange.Context.Request.Method, response.StatusCode))
        {
            response.Body.SetStream(message.Content.ReadAsStream(default));
        }
        else
        {
            response.Body.Reset();
        }
    }

    public long? ContentLength { get; }

    public Stream? Upgraded { get; }

    /// <summary>A read of no bytes waits for data without taking any.</summary>
    public ValueTask WaitForBodyAsync(CancellationToken cancellation)
    {
        var read = _message.Content.ReadAsStream(default).ReadAsync(Memory<byte>.Empty, cancellation);
        return read.IsCompletedSuccessfully ? default : new(read.AsTask());
    }

    public void CopyTrailers(IHeaderDictionary to)
    {
        foreach (var (name, values) in _message.TrailingHeaders.NonValidated)
        {
            var value = ToValues(values);
            if (TrailerFields.MayFollow(name, value))
            {
                to[name] = value;
            }
        }
    }

    public ValueTask CloseAsync()
    {
        var content = _message.RequestMessage?.Content;
        Dispose();
        return StreamedContent.StopAsync(content);
    }

    public void Dispose() => _message.Dispose();

    /// <summary>Two lengths, none that is a number, or a length and chunks, are how answers are smuggled: nobody may choose one of them.</summary>
    private static void RefuseAmbiguousLength(HttpResponseMessage message)
    {
        var coded = message.Headers.NonValidated.TryGetValues("Transfer-Encoding", out var codings);
        if (message.Content.Headers.NonValidated.TryGetValues("Content-Length", out var lengths)
            && (lengths.Count > 1 || !long.TryParse(lengths.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out _) || coded))
        {
            throw new BackendException(BackendFailure.Connection, "The backend's answer says more than once how long it is, or says it with no number.");
        }

        if (coded && !codings.ToString().Equals("chunked", StringComparison.OrdinalIgnoreCase))
        {
            throw new BackendException(BackendFailure.Connection, "The backend used another transfer coding than chunked, or one twice.");
        }
    }

    private static void Copy(HttpHeadersNonValidated from, IHeaderDictionary to, StringValues connection)
    {
        foreach (var (name, values) in from)
        {
            if (!HopByHop.IsResponseHeader(name) && !HopByHop.IsNamed(connection, name))
            {
                to[name] = ToValues(values);
            }
        }
    }

    private static StringValues ToValues(HeaderStringValues values)
    {
        if (values.Count == 1)
        {
            return values.ToString();
        }

        var all = new string[values.Count];
        var index = 0;
        foreach (var value in values)
        {
            all[index++] = value;
        }

        return all;
    }
}

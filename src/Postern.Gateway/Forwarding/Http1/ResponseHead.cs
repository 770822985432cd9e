using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Postern.Gateway.Forwarding.Http1;

/// <summary>What the head of an answer said about its body.</summary>
/// <param name="Status">Below 200: an interim answer, nothing of which is kept.</param>
internal readonly record struct ResponseHead(int Status, BodyEnd End, long? Length, bool Reusable)
{
    /// <summary>Reads a complete head off the connection and puts it into the exchange's response.</summary>
    /// <exception cref="BrokenMessageException">It is not HTTP/1.1.</exception>
    public static ResponseHead Read(GatewayExchange exchange, Http1Connection connection, int length)
    {
        var rest = connection.Unread[..length];
        var line = StatusLine.Parse(HeadLines.NextLine(ref rest));
        if (line.Status == 101)
        {
            throw new BrokenMessageException("The backend switched protocols without being asked to.");
        }

        if (line.Status < 200)
        {
            connection.Advance(length);
            return new(line.Status, BodyEnd.None, null, true);
        }

        var response = exchange.Context.Response;
        response.StatusCode = line.Status;
        response.Reason = line.Reason;
        response.Headers.Clear();
        var framing = new BodyFraming();
        var named = ReadFields(new(rest), response.Headers, connection, ref framing);
        connection.Advance(length);
        if (named.Count > 0)
        {
            RemoveNamed(response.Headers, named);
        }

        var mayHaveBody = HttpMethodRules.HasResponseBody(exchange.Context.Request.Method, line.Status);
        var (end, reusable) = framing.Decide(mayHaveBody, line.IsHttp10);
        if (framing.Length is { } declared)
        {
            response.Headers.ContentLength = declared;
        }

        return new(line.Status, end, framing.Length, reusable);
    }

    /// <summary>Makes the body readable, or ends the exchange when there is none.</summary>
    public ValueTask AttachBodyAsync(GatewayExchange exchange, Http1Connection connection, Http1Pool pool)
    {
        var response = exchange.Context.Response;
        if (End != BodyEnd.None)
        {
            var body = new Http1Response(connection, pool, End, End == BodyEnd.Length ? Length : null, Reusable);
            exchange.BackendResponse = body;
            response.Body.SetStream(body);
            return default;
        }

        response.Body.Reset();
        if (connection.Upload is not null)
        {
            return EndUploadAsync(connection, pool);
        }

        Http1Response.Release(connection, pool, Reusable);
        return default;
    }

    private async ValueTask EndUploadAsync(Http1Connection connection, Http1Pool pool)
    {
        var whole = await connection.EndUploadAsync();
        Http1Response.Release(connection, pool, whole && Reusable);
    }

    /// <returns>Headers that the connection's own header names: they end here.</returns>
    private static StringValues ReadFields(HeadLines lines, IHeaderDictionary headers, Http1Connection connection, ref BodyFraming framing)
    {
        var named = StringValues.Empty;
        for (var position = 0; lines.TryNext(out var nameBytes, out var valueBytes); position++)
        {
            framing.See(nameBytes, valueBytes);
            var (name, value) = connection.Lines.Get(position, nameBytes, valueBytes);
            if (!HopByHop.IsResponseHeader(name))
            {
                headers.Append(name, value);
            }
            else if (name.Equals("Connection", StringComparison.OrdinalIgnoreCase))
            {
                named = StringValues.Concat(named, value);
            }
            else if (name.Equals("Keep-Alive", StringComparison.OrdinalIgnoreCase))
            {
                connection.KeepAlive = KeepAliveHeader.Read(value);
            }
        }

        return named;
    }

    private static void RemoveNamed(IHeaderDictionary headers, StringValues named)
    {
        foreach (var value in named)
        {
            foreach (var token in value!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (!token.Equals("close", StringComparison.OrdinalIgnoreCase) && !token.Equals("keep-alive", StringComparison.OrdinalIgnoreCase))
                {
                    headers.Remove(token);
                }
            }
        }
    }
}

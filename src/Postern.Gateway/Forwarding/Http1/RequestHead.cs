using System.Buffers;
using System.Text;
using Microsoft.Extensions.Primitives;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding.Http1;

/// <summary>Writes the head of a request as it goes to the backend: what <see cref="BackendRequestMessage"/> says, in bytes.</summary>
internal static class RequestHead
{
    private static readonly SearchValues<char> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <exception cref="BackendException">A policy left a method, header name or value that can't be sent as HTTP.</exception>
    public static void Write(OutputBuffer output, GatewayExchange exchange, in BackendRequest request)
    {
        var message = exchange.Context.Request;
        var headers = message.Headers;
        output.Write(Checked(message.Method, "method"));
        output.Write(" "u8);
        WriteTarget(output, request.Target);
        output.Write(" HTTP/1.1\r\n"u8);
        if (request.HostInstead(message) is { } host)
        {
            WriteField(output, "Host", host);
        }
        else
        {
            output.Write("Host: "u8);
            output.Write(request.Endpoint.HostHeader);
            output.Write("\r\n"u8);
        }

        var connection = headers.Connection;
        foreach (var (name, values) in headers)
        {
            if (!HopByHop.IsRequestHeader(name) && !HopByHop.IsNamed(connection, name) && !request.Endpoint.Replaces(name))
            {
                WriteField(output, name, values);
            }
        }

        if (TrailerFields.AreAccepted(headers.TE))
        {
            output.Write("TE: trailers\r\nConnection: TE\r\n"u8);
        }

        WriteField(output, ForwardedHeaders.For, ForwardedHeaders.Append(exchange));
        if (request.Endpoint.Backend is { } backend)
        {
            foreach (var (name, values) in backend.Headers)
            {
                if (!name.Equals("Host", StringComparison.OrdinalIgnoreCase))
                {
                    WriteField(output, name, values);
                }
            }
        }

        WriteFraming(output, message);
        output.Write("\r\n"u8);
    }

    private static void WriteFraming(OutputBuffer output, PolicyRequest message)
    {
        var length = RequestLength.Of(message);
        if (length is null)
        {
            output.Write("Transfer-Encoding: chunked\r\n"u8);
            if (message.Headers.Trailer is { Count: > 0 } announced)
            {
                WriteField(output, "Trailer", announced);
            }
        }
        else if (length > 0 || message.Headers.ContentLength == 0 || message.Body.Changed)
        {
            // A declared length of nothing is kept: POST without one is refused by some servers.
            output.Write("Content-Length: "u8);
            output.Write(length.Value);
            output.Write("\r\n"u8);
        }
    }

    private static void WriteField(OutputBuffer output, string name, StringValues values)
    {
        Checked(name, "header name");
        if (values.Count > 1 && name.Equals("Cookie", StringComparison.OrdinalIgnoreCase))
        {
            // RFC 9113 8.2.3: cookie pieces are joined when they leave HTTP/2.
            values = string.Join("; ", values.ToArray());
        }

        foreach (var value in values)
        {
            if (value.AsSpan().ContainsAny('\r', '\n', '\0'))
            {
                throw new BackendException(BackendFailure.Connection, $"The value of the header {name} has a line break and can't be sent.");
            }

            output.Write(name);
            output.Write(": "u8);
            output.Write(value ?? "");
            output.Write("\r\n"u8);
        }
    }

    /// <summary>Policies may put anything into a path; what a request line can't hold is escaped.</summary>
    private static void WriteTarget(OutputBuffer output, string target)
    {
        if (!target.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            output.Write(target);
            return;
        }

        foreach (var part in Encoding.UTF8.GetBytes(target))
        {
            if (part is >= (byte)'!' and <= (byte)'~')
            {
                output.Write([part]);
            }
            else
            {
                output.Write($"%{part:X2}");
            }
        }
    }

    private static string Checked(string token, string what) => token.Length > 0 && !token.AsSpan().ContainsAnyExcept(Token)
        ? token
        : throw new BackendException(BackendFailure.Connection, $"'{token}' is no {what} and can't be sent.");
}

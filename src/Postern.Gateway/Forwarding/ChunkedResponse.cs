using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding;

/// <summary>
/// Sends an answer whose trailers are passed on to a caller of HTTP/1.1. The server offers no trailers there, but leaves the framing to who
/// sets <c>Transfer-Encoding</c>; so chunks and trailers are written here (RFC 9112 7.1).
/// </summary>
internal static class ChunkedResponse
{
    /// <summary>Room asked of the server's buffer for one read from the backend, with its frame.</summary>
    private const int PieceSize = 4096;

    /// <summary>Longest size line: eight digits and a line end.</summary>
    private const int SizeRoom = 10;

    /// <summary>True when the caller can be sent trailers and the backend may have some: it announces them, or the caller asks for any.</summary>
    public static bool IsWanted(GatewayExchange exchange) =>
        exchange.BackendResponse is { ContentLength: null } && exchange.Request.Protocol == "HTTP/1.1"
        && (exchange.Context.Response.Headers.Trailer.Count > 0 || TrailerFields.AreAccepted(exchange.Request.Headers.TE));

    /// <exception cref="IOException">The backend broke off. No last chunk is written, so the caller sees it too.</exception>
    public static async ValueTask CopyAsync(GatewayExchange exchange, Stream body)
    {
        var backend = exchange.BackendResponse!;
        var aborted = exchange.Context.Aborted;
        var headers = exchange.Context.Response.Headers;
        headers.ContentLength = null;
        headers.TransferEncoding = "chunked";
        await exchange.ResponseBody.StartAsync(aborted);
        var writer = exchange.ResponseBody.Writer;
        var near = backend.WaitForBodyAsync(aborted);
        if (!near.IsCompletedSuccessfully)
        {
            await writer.FlushAsync(aborted);
            await near;
        }

        while (true)
        {
            if (SocketThread.IsCurrent && exchange.ResponseSize > ResponseSender.LongBody)
            {
                await SocketThread.LeaveAsync();
            }

            var memory = writer.GetMemory(PieceSize);
            var read = await body.ReadAsync(memory[SizeRoom..^2], aborted);
            if (read == 0)
            {
                break;
            }

            exchange.ResponseSize += read;
            writer.Advance(Frame(memory.Span, read));
            if ((await writer.FlushAsync(aborted)).IsCompleted)
            {
                exchange.FailureReason = "ClientConnectionFailure";
                return;
            }
        }

        WriteEnd(writer, backend);
        await writer.FlushAsync(aborted);
    }

    /// <summary>Puts the size before the data, which begins at <see cref="SizeRoom"/> and moves up to it.</summary>
    private static int Frame(Span<byte> piece, int length)
    {
        length.TryFormat(piece, out var digits, "x", CultureInfo.InvariantCulture);
        "\r\n"u8.CopyTo(piece[digits..]);
        piece.Slice(SizeRoom, length).CopyTo(piece[(digits + 2)..]);
        "\r\n"u8.CopyTo(piece[(digits + 2 + length)..]);
        return digits + length + 4;
    }

    private static void WriteEnd(PipeWriter writer, IBackendResponse backend)
    {
        writer.Write("0\r\n"u8);
        var trailers = new HeaderDictionary();
        backend.CopyTrailers(trailers);
        foreach (var (name, values) in trailers)
        {
            foreach (var value in values)
            {
                writer.Write(Encoding.Latin1.GetBytes($"{name}: {value}\r\n"));
            }
        }

        writer.Write("\r\n"u8);
    }
}

using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>Reads a body with a limit; null after the error was answered.</summary>
internal static class ConfigurationBody
{
    public static async ValueTask<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, int mostBytes) where T : class
    {
        if (context.Request.ContentLength > mostBytes || await BytesAsync(context.Request, mostBytes, context.RequestAborted) is not { } bytes)
        {
            await ConfigurationAnswers.ErrorAsync(
                context, StatusCodes.Status413PayloadTooLarge, "RequestEntityTooLarge", $"The request content exceeds the limit of {mostBytes} bytes.");
            return null;
        }

        try
        {
            if (JsonSerializer.Deserialize(bytes.Span, type) is { } body)
            {
                return body;
            }

            await MalformedAsync(context, "it is null.");
        }
        catch (JsonException error)
        {
            await MalformedAsync(context, $"line {error.LineNumber + 1}, position {error.BytePositionInLine + 1}, at '{error.Path}'.");
        }

        return null;
    }

    /// <returns>False after the 400 was answered.</returns>
    public static async ValueTask<bool> IsGoodAsync(HttpContext context, TelemetryFault? fault)
    {
        if (fault is not { } wrong)
        {
            return true;
        }

        await ConfigurationAnswers.ErrorAsync(context, StatusCodes.Status400BadRequest, "ValidationError", $"'{wrong.Target}' {wrong.Problem}.", wrong.Target);
        return false;
    }

    private static Task MalformedAsync(HttpContext context, string where) => ConfigurationAnswers.ErrorAsync(
        context, StatusCodes.Status400BadRequest, "InvalidRequestContent", $"The request content is not the JSON that this call takes: {where}");

    private static async ValueTask<ReadOnlyMemory<byte>?> BytesAsync(HttpRequest request, int mostBytes, CancellationToken cancellation)
    {
        var buffer = new MemoryStream();
        var chunk = new byte[Math.Min(mostBytes + 1, 16 * 1024)];
        int read;
        while ((read = await request.Body.ReadAsync(chunk, cancellation)) > 0)
        {
            if (buffer.Length + read > mostBytes)
            {
                return null;
            }

            buffer.Write(chunk, 0, read);
        }

        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }
}

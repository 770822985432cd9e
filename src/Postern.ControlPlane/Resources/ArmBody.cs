using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;

namespace Postern.ControlPlane.Resources;

/// <summary>A request body, read with limits and checked so thoroughly that later use of it can't fail.</summary>
internal readonly record struct ArmBody(JsonObject? Value, ArmError? Error)
{
    /// <summary>Bytes of a body; large enough for the biggest import in use.</summary>
    public const int MostBytes = 4 << 20;

    /// <summary>Bytes of a body that carries an API definition.</summary>
    public const int MostImportBytes = 10 << 20;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    public static async ValueTask<ArmBody> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        try
        {
            while ((read = await request.Body.ReadAsync(chunk, cancellation)) > 0)
            {
                if (buffer.Length + read > MostImportBytes)
                {
                    await DrainAsync(request, chunk, cancellation);
                    return TooLarge(MostImportBytes);
                }

                buffer.Write(chunk, 0, read);
            }
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return TooLarge(MostImportBytes);
        }

        return Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
    }

    /// <summary>
    /// Reads on without keeping anything: a client that is still sending when the connection closes would see a broken pipe instead of the
    /// refusal. Ends at the server's own limit (<see cref="MostDrainedBytes"/>).
    /// </summary>
    private static async ValueTask DrainAsync(HttpRequest request, byte[] chunk, CancellationToken cancellation)
    {
        while (await request.Body.ReadAsync(chunk, cancellation) > 0)
        {
        }
    }

    /// <summary>Longer bodies are cut off at once.</summary>
    public const long MostDrainedBytes = 64 << 20;

    public static ArmBody Parse(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Span.StartsWith("\uFEFF"u8))
        {
            bytes = bytes[3..];
        }

        if (bytes.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            return default;
        }

        if (!Utf8.IsValid(bytes.Span))
        {
            return Malformed("The request content is not valid UTF-8.");
        }

        try
        {
            if (JsonNode.Parse(bytes.Span, null, Strict) is not JsonObject body)
            {
                return Malformed("The request content must be a JSON object.");
            }

            if (bytes.Length > MostBytes && !IsImport(body))
            {
                return TooLarge(MostBytes);
            }

            Materialise(body);
            return new(body, null);
        }
        catch (JsonException error)
        {
            var place = error.LineNumber is { } line ? $" Line {line + 1}, position {(error.BytePositionInLine ?? 0) + 1}." : "";
            return Malformed($"The request content was invalid and could not be deserialized: it is not well-formed JSON.{place}");
        }
        catch (InvalidOperationException)
        {
            return Malformed("The request content holds a string with an unpaired surrogate.");
        }
    }

    private static bool IsImport(JsonObject body) => body["properties"] is JsonObject properties && properties.ContainsKey("format");

    /// <summary>Nodes decode names and strings when they are first used; here that can still be answered with 400.</summary>
    private static void Materialise(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject value:
                foreach (var (_, member) in value)
                {
                    Materialise(member);
                }

                break;
            case JsonArray array:
                foreach (var item in array)
                {
                    Materialise(item);
                }

                break;
            case JsonValue leaf when leaf.GetValueKind() == JsonValueKind.String:
                leaf.GetValue<string>();
                break;
        }
    }

    private static ArmBody TooLarge(int most) =>
        new(null, new(413, "RequestEntityTooLarge", $"The request content exceeds the limit of {most} bytes.", Diagnostic: ControlPlaneDiagnostics.BodyTooLarge));

    private static ArmBody Malformed(string message) => new(null, new(400, "InvalidRequestContent", message, Diagnostic: ControlPlaneDiagnostics.MalformedBody));
}

using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Postern.Authority.Tokens;

/// <summary>Writes what a token endpoint answers, with the headers that RFC 6749 §5.1 asks for.</summary>
internal static class TokenAnswer
{
    public static Task WriteAsync(HttpContext context, AccessToken token, string audience, bool v1) =>
        WriteAsync(context, 200, writer =>
        {
            writer.WriteString("token_type", "Bearer");
            if (v1)
            {
                // The older protocol has its numbers as text, and tells the resource.
                writer.WriteString("expires_in", token.ExpiresIn.ToString(CultureInfo.InvariantCulture));
                writer.WriteString("ext_expires_in", token.ExpiresIn.ToString(CultureInfo.InvariantCulture));
                writer.WriteString("expires_on", token.Expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
                writer.WriteString("not_before", token.NotBefore.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
                writer.WriteString("resource", audience);
            }
            else
            {
                writer.WriteNumber("expires_in", token.ExpiresIn);
                writer.WriteNumber("ext_expires_in", token.ExpiresIn);
            }

            writer.WriteString("access_token", token.Text);
        });

    public static Task WriteAsync(HttpContext context, TokenRefusal refusal, DateTimeOffset now)
    {
        if (refusal.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        if (refusal.Status == 401)
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"Postern\"";
        }

        var trace = Guid.NewGuid().ToString();
        var correlation = Correlation(context);
        var timestamp = now.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return WriteAsync(context, refusal.Status, writer =>
        {
            writer.WriteString("error", refusal.Error);
            writer.WriteString("error_description",
                $"AADSTS{refusal.Code}: {refusal.Message} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}");
            writer.WriteStartArray("error_codes");
            writer.WriteNumberValue(refusal.Code);
            writer.WriteEndArray();
            writer.WriteString("timestamp", timestamp);
            writer.WriteString("trace_id", trace);
            writer.WriteString("correlation_id", correlation);
        });
    }

    private static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> members)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store, no-cache";
        context.Response.Headers.Pragma = "no-cache";
        context.Response.Headers["x-ms-request-id"] = Guid.NewGuid().ToString();
        await JsonAnswer.WriteAsync(context, members);
    }

    private static string Correlation(HttpContext context) =>
        Guid.TryParse(context.Request.Headers["client-request-id"].ToString(), out var given)
        || Guid.TryParse(context.Request.Query["client-request-id"].ToString(), out given)
            ? given.ToString()
            : Guid.NewGuid().ToString();
}

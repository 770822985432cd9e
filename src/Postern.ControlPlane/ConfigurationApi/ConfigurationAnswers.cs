using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Postern.ControlPlane.Access;
using Postern.Snapshots;

namespace Postern.ControlPlane.ConfigurationApi;

/// <summary>How this API answers.</summary>
internal static class ConfigurationAnswers
{
    public static Task JsonAsync<T>(HttpContext context, int status, T body, JsonTypeInfo<T> type)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, type);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    public static Task ErrorAsync(HttpContext context, int status, string code, string message, string? target = null, string? diagnostic = null) =>
        JsonAsync(context, status, new ErrorEnvelope(new(code, message, target, diagnostic)), SnapshotJson.Default.ErrorEnvelope);

    public static Task RefuseAsync(HttpContext context, AccessRefusal refusal)
    {
        if (refusal.Challenge is { } challenge)
        {
            context.Response.Headers.WWWAuthenticate = challenge;
        }

        if (refusal.Status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = "5";
        }

        return ErrorAsync(context, refusal.Status, refusal.Code, refusal.Message, diagnostic: refusal.Diagnostic);
    }
}

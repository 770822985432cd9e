using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Postern.ControlPlane.Resources;

/// <summary>Writes answers: JSON, quoted ETag, no caching.</summary>
internal static class ArmWriter
{
    public static async Task WriteAsync(HttpContext context, ArmResponse response)
    {
        context.Response.StatusCode = response.Status;
        context.Response.Headers.CacheControl = "no-cache";
        if (response.ETag is not null)
        {
            context.Response.Headers.ETag = $"\"{response.ETag}\"";
        }

        foreach (var (name, value) in response.Headers)
        {
            context.Response.Headers[name] = value;
        }

        if ((response.Body is null && response.Document is null) || context.Request.Method == "HEAD")
        {
            return;
        }

        context.Response.ContentType = response.Document?.ContentType ?? "application/json; charset=utf-8";
        var bytes = response.Document is { } document ? Encoding.UTF8.GetBytes(document.Text) : JsonSerializer.SerializeToUtf8Bytes(response.Body, ArmJson.Options);
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }
}

using System.Text;
using System.Text.Encodings.Web;
using Microsoft.Net.Http.Headers;
using Postern.Policies.Runtime;

namespace Postern.Policies;

/// <summary>The response to a failure that no policy words differently; spaces and all as the product prints it.</summary>
internal static class ErrorResponse
{
    public static void Write(PolicyContext context, PolicyError error)
    {
        var response = context.Response;
        if (error.KeepsResponse && response.Exists)
        {
            return;
        }

        response.Headers.Clear();
        response.Exists = true;
        response.StatusCode = error.StatusCode;
        response.Reason = null;
        response.Headers[HeaderNames.ContentType] = "application/json";
        foreach (var (name, value) in error.Headers)
        {
            response.Headers[name] = value;
        }

        response.Body.SetBytes(Encoding.UTF8.GetBytes(Body(context, error)));
    }

    private static string Body(PolicyContext context, PolicyError error) => error.PublicMessage is { } message
        ? $"{{ \"statusCode\": {error.StatusCode}, \"message\": \"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(message)}\" }}"
        : $"{{ \"statusCode\": {error.StatusCode}, \"message\": \"Internal server error\", \"activityId\": \"{context.RequestId:D}\" }}";
}

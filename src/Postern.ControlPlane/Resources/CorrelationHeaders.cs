using Microsoft.AspNetCore.Http;

namespace Postern.ControlPlane.Resources;

/// <summary>Ids by which callers and operators find a call again.</summary>
internal static class CorrelationHeaders
{
    private const string Request = "x-ms-request-id";
    private const string Correlation = "x-ms-correlation-request-id";
    private const string Client = "x-ms-client-request-id";

    public static void Set(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers[Request] = Guid.NewGuid().ToString();
        headers[Correlation] = Sane(context.Request.Headers[Correlation]) ?? Guid.NewGuid().ToString();
        if (string.Equals(context.Request.Headers["x-ms-return-client-request-id"], "true", StringComparison.OrdinalIgnoreCase)
            && Sane(context.Request.Headers[Client]) is { } client)
        {
            headers[Client] = client;
        }
    }

    public static string RequestId(HttpContext context) => context.Response.Headers[Request].ToString();

    /// <summary>What a caller sends is echoed only when it can't be anything but an id.</summary>
    private static string? Sane(string? id) => id is { Length: > 0 and <= 128 } && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? id : null;
}

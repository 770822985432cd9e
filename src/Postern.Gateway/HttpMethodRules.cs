namespace Postern.Gateway;

internal static class HttpMethodRules
{
    public static bool IsHead(string method) => method.Length == 4 && method.Equals("HEAD", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a response of this status to this method may carry a body (RFC 9110 6.4.1).</summary>
    public static bool HasResponseBody(string method, int status) => status is >= 200 and not 204 and not 304 && !IsHead(method);
}

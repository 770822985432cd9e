using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding;

/// <summary>What <c>follow-redirects</c> does with a backend's redirect (RFC 9110 15.4). Never from https to http, and no credentials to another host.</summary>
internal static class Redirects
{
    /// <summary>Redirects followed for one request; the last answer is passed on as it is.</summary>
    public const int Most = 10;

    /// <returns>Null when the answer is not a redirect, or not one that may be followed.</returns>
    public static BackendRequest? Next(GatewayExchange exchange, in BackendRequest current, BackendEndpoints endpoints)
    {
        var response = exchange.Context.Response;
        if (response.StatusCode is not (301 or 302 or 303 or 307 or 308)
            || response.Headers.Location is not [{ Length: > 0 } location]
            || !Uri.TryCreate(new Uri(current.Endpoint.Origin + current.Target), location, out var target)
            || target.Scheme is not ("http" or "https")
            || (current.Endpoint.IsSecure && target.Scheme != "https"))
        {
            return null;
        }

        var request = exchange.Context.Request;
        if (response.StatusCode == 303 ? request.Method != "HEAD" : response.StatusCode is 301 or 302 && request.Method == "POST")
        {
            request.Method = "GET";
            request.Body.SetEmpty();
            request.Headers.Remove("Content-Type");
            request.Headers.ContentLength = null;
        }

        var endpoint = endpoints.Of(new Uri(target.GetLeftPart(UriPartial.Authority)));
        if (!string.Equals(endpoint.HostHeader, current.Endpoint.HostHeader, StringComparison.OrdinalIgnoreCase))
        {
            request.Headers.Remove("Authorization");
            request.Headers.Remove("Cookie");
            request.BackendHost = null;
        }

        return current with { Endpoint = endpoint, Target = target.PathAndQuery };
    }
}

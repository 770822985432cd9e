using Postern.Gateway.State;

namespace Postern.Gateway.Forwarding;

/// <summary>A backend's base address, taken apart once.</summary>
internal sealed class BackendEndpoint
{
    public BackendEndpoint(Uri address, BackendState? backend)
    {
        Backend = backend;
        IsSecure = address.Scheme is "https" or "wss";
        Host = address.IdnHost;
        Port = address.Port;
        HostHeader = address.IsDefaultPort ? address.IdnHost : $"{(address.HostNameType == UriHostNameType.IPv6 ? $"[{address.IdnHost.Trim('[', ']')}]" : address.IdnHost)}:{address.Port}";
        Origin = $"{(IsSecure ? "https" : "http")}://{HostHeader}";
        BasePath = address.AbsolutePath.TrimEnd('/');
        BaseQuery = address.Query;
        GivenHost = backend?.Headers.FirstOrDefault(static header => header.Key.Equals("Host", StringComparison.OrdinalIgnoreCase)).Value;
    }

    public BackendState? Backend { get; }

    public bool IsSecure { get; }

    public string Host { get; }

    public int Port { get; }

    /// <summary>What the <c>Host</c> header says.</summary>
    public string HostHeader { get; }

    /// <summary>What the backend entity wants there instead; null when it says nothing of it.</summary>
    public string? GivenHost { get; }

    public string Origin { get; }

    /// <summary>No slash at the end; empty for the root.</summary>
    public string BasePath { get; }

    public string BaseQuery { get; }

    /// <summary>Kept connections to <see cref="Host"/>; found once.</summary>
    public Http1.Http1Pool? Pool { get; set; }

    /// <summary>What the environment's proxy variables say of this address; found once.</summary>
    public GeneralProxy? GeneralProxy { get; set; }

    /// <summary>True when the backend's own headers stand for the caller's of that name.</summary>
    public bool Replaces(string name)
    {
        if (Backend is { Headers.Count: > 0 } backend)
        {
            foreach (var (replaced, _) in backend.Headers)
            {
                if (replaced.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Path and query of a request, appended to the base.</summary>
    public string Target(string path, string query)
    {
        var extra = Backend is { Query.Length: > 0 } ? Backend.Query : "";
        if (BaseQuery.Length > 1)
        {
            extra = extra.Length == 0 ? BaseQuery[1..] : $"{BaseQuery[1..]}&{extra}";
        }

        if (extra.Length > 0)
        {
            query = query.Length > 1 ? $"{query}&{extra}" : $"?{extra}";
        }

        if (BasePath.Length == 0 && path.Length > 0 && path[0] == '/')
        {
            return query.Length == 0 ? path : string.Concat(path, query);
        }

        return path.Length == 0 ? string.Concat(BasePath.Length == 0 ? "/" : BasePath, query)
            : path[0] == '/' ? string.Concat(BasePath, path, query)
            : string.Concat(BasePath, "/", path, query);
    }
}

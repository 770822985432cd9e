using Postern.Policies.Runtime;

namespace Postern.Gateway.Forwarding;

/// <summary>
/// Through which proxy a backend is called: that of the proxy policy, else that of the backend entity, else what the variables
/// <c>HTTP_PROXY</c>, <c>HTTPS_PROXY</c>, <c>ALL_PROXY</c> and <c>NO_PROXY</c> say. The lower-case names win, as everywhere.
/// </summary>
internal sealed class OutgoingProxies
{
    private readonly OutgoingProxy? _plain;
    private readonly OutgoingProxy? _secure;
    private readonly NoProxyList _without;

    /// <param name="variable">Value of an environment variable.</param>
    public OutgoingProxies(Func<string, string?> variable)
    {
        var all = Read(variable, "ALL_PROXY");
        _plain = Read(variable, "HTTP_PROXY") ?? all;
        _secure = Read(variable, "HTTPS_PROXY") ?? all;
        _without = new(Value(variable, "NO_PROXY") ?? "");
    }

    /// <returns>Null for a direct connection.</returns>
    public OutgoingProxy? Of(PolicyRequest request, BackendEndpoint endpoint) =>
        request.BackendProxy ?? endpoint.Backend?.Proxy ?? (_plain is null && _secure is null ? null : endpoint.GeneralProxy ??= new(General(endpoint)))?.Value;

    private OutgoingProxy? General(BackendEndpoint endpoint) =>
        (endpoint.IsSecure ? _secure : _plain) is { } proxy && !_without.Holds(endpoint.Host, endpoint.Port) ? proxy : null;

    private static OutgoingProxy? Read(Func<string, string?> variable, string name)
    {
        if (Value(variable, name) is not { } text
            || !Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}", UriKind.Absolute, out var address))
        {
            return null;
        }

        var user = address.UserInfo.Split(':', 2);
        return new(
            new UriBuilder(address) { UserName = "", Password = "" }.Uri,
            user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
            user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null);
    }

    private static string? Value(Func<string, string?> variable, string name) =>
        variable(name.ToLowerInvariant()) is { Length: > 0 } lower ? lower : variable(name) is { Length: > 0 } upper ? upper : null;
}

/// <summary>A choice that was made, so that it is made once for an address.</summary>
internal sealed record GeneralProxy(OutgoingProxy? Value);

namespace Postern.Authority;

/// <summary>Where clients reach the authority; part of every issuer. Known once the port is bound.</summary>
internal sealed class AuthorityAddress
{
    private string? _origin;

    /// <summary>Scheme, host and port, without a slash at the end.</summary>
    public string Origin => _origin ?? throw new InvalidOperationException("The authority does not listen yet.");

    /// <summary>Host, with the port when it isn't 443: what MSAL takes for the name of the environment.</summary>
    public string Environment => new Uri(Origin).Authority;

    public void Bound(string publicHost, int port)
    {
        var named = new Uri($"https://{publicHost}/");
        _origin = named.IsDefaultPort && !publicHost.EndsWith(":443", StringComparison.Ordinal)
            ? new UriBuilder(named) { Port = port }.Uri.GetLeftPart(UriPartial.Authority)
            : named.GetLeftPart(UriPartial.Authority);
    }

    public string IssuerV2(string tenantId) => $"{Origin}/{tenantId}/v2.0";

    public string IssuerV1(string tenantId) => $"{Origin}/{tenantId}/";
}

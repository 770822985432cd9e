using System.Collections.Concurrent;

namespace Postern.Policies.Tokens;

/// <summary>OpenID configurations of one gateway by address, shared by all policies and kept across configuration changes.</summary>
internal sealed class OpenIdConfigurations
{
    /// <summary>Addresses are written by operators, but an expression may compute a tenant: beyond this many, the cache starts again.</summary>
    private const int Most = 1000;

    private readonly ConcurrentDictionary<string, OpenIdConfiguration> _configurations = new(StringComparer.Ordinal);

    public OpenIdConfiguration At(Uri address)
    {
        if (_configurations.Count > Most)
        {
            _configurations.Clear();
        }

        return _configurations.GetOrAdd(address.AbsoluteUri, static (_, address) => new OpenIdConfiguration(address), address);
    }
}

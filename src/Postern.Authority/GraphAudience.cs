namespace Postern.Authority;

/// <summary>The audiences under which the Graph slice is called: this authority's own address, or Microsoft Graph's names.</summary>
internal sealed class GraphAudience(AuthorityAddress address)
{
    public bool Includes(string audience) =>
        audience.TrimEnd('/') is var name
        && (string.Equals(name, address.Origin, StringComparison.OrdinalIgnoreCase)
            || name is "https://graph.microsoft.com" or "00000003-0000-0000-c000-000000000000");
}

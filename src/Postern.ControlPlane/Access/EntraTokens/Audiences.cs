using System.Collections.Frozen;

namespace Postern.ControlPlane.Access.EntraTokens;

/// <summary>Whom a token must be meant for. A token for one of the two APIs is no good at the other.</summary>
internal static class Audiences
{
    /// <summary>The configuration API, in the public cloud, China and US Government.</summary>
    public static FrozenSet<string> Configuration { get; } =
    [
        "https://azure-api.net/configuration",
        "https://azure-api.cn/configuration",
        "https://azure-api.us/configuration",
    ];

    /// <summary>The management API: its own address and Azure Resource Manager's names, all with and without the slash that clients add.</summary>
    public static FrozenSet<string> Management(Uri own, IEnumerable<string> extra) =>
        ((string[])[own.GetLeftPart(UriPartial.Authority), "https://management.azure.com", "https://management.core.windows.net", .. extra])
            .SelectMany(audience => (string[])[audience.TrimEnd('/'), audience.TrimEnd('/') + "/"])
            .ToFrozenSet(StringComparer.Ordinal);
}

namespace Postern.Gateway.Loading;

/// <summary>Microsoft's own authorities. Instance discovery, which asks Microsoft whether an authority is genuine, makes sense for these alone.</summary>
internal static class EntraClouds
{
    private static readonly string[] Hosts =
    [
        "login.microsoftonline.com", "login.microsoftonline.us", "login.chinacloudapi.cn", "login.partner.microsoftonline.cn",
        "login.windows.net", "login.microsoft.com",
    ];

    public static bool Contains(Uri authority) =>
        Hosts.Contains(authority.Host, StringComparer.OrdinalIgnoreCase)
        || authority.Host.EndsWith(".login.microsoft.com", StringComparison.OrdinalIgnoreCase);
}

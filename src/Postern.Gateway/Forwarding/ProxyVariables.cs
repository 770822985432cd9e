namespace Postern.Gateway.Forwarding;

/// <summary>Whether the environment routes backend calls through a proxy; looking one up costs time on each request.</summary>
internal static class ProxyVariables
{
    private static readonly string[] Names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

    public static bool AreSet() => Names.Any(name => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)));
}

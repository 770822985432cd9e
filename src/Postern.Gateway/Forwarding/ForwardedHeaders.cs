namespace Postern.Gateway.Forwarding;

/// <summary>What is told to the backend about the caller.</summary>
internal static class ForwardedHeaders
{
    public const string For = "X-Forwarded-For";

    /// <summary>The caller's list with the address it came from appended.</summary>
    public static string Append(GatewayExchange exchange)
    {
        var address = exchange.Context.Request.IpAddress;
        var before = exchange.Context.Request.Headers[For];
        return before.Count == 0 ? address : $"{before}, {address}";
    }
}

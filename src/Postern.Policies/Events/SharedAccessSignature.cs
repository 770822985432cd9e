using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Postern.Policies.Runtime;

namespace Postern.Policies.Events;

/// <summary>The token of Service Bus and Event Hubs for callers that have a shared access key.</summary>
internal static class SharedAccessSignature
{
    public static string Create(EventHubLogger hub, DateTimeOffset expires)
    {
        var resource = Uri.EscapeDataString(hub.Address.AbsoluteUri.ToLowerInvariant());
        var seconds = expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(hub.Key!), Encoding.UTF8.GetBytes($"{resource}\n{seconds}"));
        return $"SharedAccessSignature sr={resource}&sig={Uri.EscapeDataString(Convert.ToBase64String(signature))}&se={seconds}&skn={Uri.EscapeDataString(hub.KeyName!)}";
    }
}

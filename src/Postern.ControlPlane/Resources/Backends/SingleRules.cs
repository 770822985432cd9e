using System.Text.Json.Nodes;
using Postern.ControlPlane.Store;

namespace Postern.ControlPlane.Resources.Backends;

/// <summary>Checks of a backend that is one address.</summary>
internal static class SingleRules
{
    public static void Check(ResourceChange change)
    {
        var properties = change.Properties;
        if (properties.Text("url") is not { } url)
        {
            change.Problem("url", "'url' must be given.");
        }
        else if (!IsAddress(url, "http", "https", "ws", "wss", "fabric"))
        {
            change.Problem("url", $"'url' must be an absolute URL; '{url}' is not.");
        }

        if (properties.Text("protocol") is null)
        {
            change.Problem("protocol", "'protocol' must be given.");
        }

        if (properties["pool"] is JsonObject)
        {
            change.Problem("pool", "'pool' goes with the type Pool only.");
        }

        if ((properties["proxy"] as JsonObject)?.Text("url") is { } proxy && !IsAddress(proxy, "http"))
        {
            change.Problem("proxy.url", "'proxy.url' must be of the form http://host:port: a proxy is spoken to without TLS.");
        }
    }

    /// <summary>Certificate ids must lead to certificates of this service.</summary>
    public static async ValueTask CheckCertificatesAsync(IResourceStore store, ResourceChange change, CancellationToken cancellation)
    {
        if (change.Properties["credentials"] is not JsonObject { } credentials || credentials["certificateIds"] is not JsonArray ids)
        {
            return;
        }

        var service = References.ServiceOf(change.Id);
        foreach (var given in ids.Select(id => id!.GetValue<string>()))
        {
            var id = References.Absolute(service, given);
            if (id is null || References.NameIn(service, id, "certificates") is null || await store.FindAsync(id, cancellation) is null)
            {
                change.Problem("credentials.certificateIds", $"The certificate '{given}' does not exist.");
            }
        }
    }

    /// <summary>Named values are known only when they are put in.</summary>
    private static bool IsAddress(string text, params ReadOnlySpan<string> schemes) =>
        text.Contains("{{", StringComparison.Ordinal) || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && schemes.Contains(uri.Scheme));
}

namespace Postern.Policies.Runtime;

/// <summary>Where a logger entity sends its events.</summary>
/// <param name="Address">Such as <c>https://contoso.servicebus.windows.net/hub</c>.</param>
/// <param name="KeyName">Name of the shared access key; null when the gateway's identity is used.</param>
/// <param name="ClientId">A user-assigned identity; null for the gateway's own.</param>
public sealed record EventHubLogger(Uri Address, string? KeyName, string? Key, string? ClientId)
{
    /// <summary>Reads <c>Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…;EntityPath=…</c>.</summary>
    /// <param name="hub">Name of the hub when the text has none.</param>
    /// <returns>Null when a part is missing.</returns>
    public static EventHubLogger? FromConnectionString(string text, string? hub)
    {
        var parts = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(part => part.Split('=', 2)).Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0].Trim(), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.Last()[1].Trim(), StringComparer.OrdinalIgnoreCase);
        return parts.TryGetValue("Endpoint", out var endpoint) && Uri.TryCreate(endpoint, UriKind.Absolute, out var address)
            && parts.TryGetValue("SharedAccessKeyName", out var name) && parts.TryGetValue("SharedAccessKey", out var key)
            && (parts.GetValueOrDefault("EntityPath") ?? hub) is { Length: > 0 } path
            ? new(new UriBuilder(Uri.UriSchemeHttps, address.Host, address.IsDefaultPort ? -1 : address.Port, path).Uri, name, key, null)
            : null;
    }

    /// <summary>The key is a secret.</summary>
    public override string ToString() => $"{nameof(EventHubLogger)} {Address}";
}

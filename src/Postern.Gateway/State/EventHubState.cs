using Postern.Policies.Runtime;
using Postern.Snapshots;

namespace Postern.Gateway.State;

/// <summary>A logger entity of kind <c>azureEventHub</c>: by connection string, or by address and an identity.</summary>
internal sealed class EventHubState(LoggerSnapshot logger)
{
    /// <summary>Null when the credentials can't be understood.</summary>
    public EventHubLogger? Hub { get; } = Read(logger.Credentials);

    public static bool Is(LoggerSnapshot logger) => logger.LoggerType.Equals("azureEventHub", StringComparison.OrdinalIgnoreCase);

    private static EventHubLogger? Read(IReadOnlyDictionary<string, string> credentials)
    {
        var hub = credentials.GetValueOrDefault("name");
        if (credentials.TryGetValue("connectionString", out var text) && text.Length > 0)
        {
            return EventHubLogger.FromConnectionString(text, hub);
        }

        // "contoso.servicebus.windows.net", also with a scheme in front or a hub behind.
        return credentials.TryGetValue("endpointAddress", out var address)
            && Uri.TryCreate(address.Contains("://", StringComparison.Ordinal) ? address : $"https://{address}", UriKind.Absolute, out var endpoint)
            && (hub ?? endpoint.AbsolutePath.Trim('/')) is { Length: > 0 } path
                ? new(new UriBuilder(Uri.UriSchemeHttps, endpoint.Host, endpoint.IsDefaultPort ? -1 : endpoint.Port, path).Uri, null, null, ClientId(credentials))
                : null;
    }

    private static string? ClientId(IReadOnlyDictionary<string, string> credentials) =>
        credentials.TryGetValue("identityClientId", out var id) && !id.Equals("SystemAssigned", StringComparison.OrdinalIgnoreCase) ? id : null;
}
